import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LabAgent } from '../lab/agent.ts';
import { insertEntries } from '../lab/conntrack.ts';
import { makeFolder } from '../lab/folder.ts';
import { NetworkNamespace } from '../lab/namespace.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { makeEntries } from './entries.ts';
import { verdict } from './verdict.ts';

const ENTRIES = 250_000;
const ROUNDS = 4;
const WINDOW_MS = 5_000;
const BUILT = fileURLToPath(new URL('../../dist/agent/main.js', import.meta.url));

/** Sends one datagram after another to itself through a tracked connection. Each line of input ends a window: it prints that window's round trips. */
const PINGER = `
  const { createHistogram } = require('node:perf_hooks');
  const { createSocket } = require('node:dgram');
  const [near, far] = [createSocket('udp4'), createSocket('udp4')];
  let histogram = createHistogram(), sent = 0n;
  far.on('message', (message, from) => far.send(message, from.port, from.address));
  const ping = () => { sent = process.hrtime.bigint(); near.send('x', far.address().port, '127.0.0.1'); };
  near.on('message', () => { histogram.record(process.hrtime.bigint() - sent); setTimeout(ping, 1); });
  far.bind(0, '127.0.0.1', ping);
  process.stdin.on('data', () => {
    const us = (share) => histogram.percentile(share) / 1000;
    console.log(JSON.stringify({ count: histogram.count, p50: us(50), p99: us(99), p999: us(99.9), max: histogram.max / 1000 }));
    histogram = createHistogram();
  }).on('end', () => process.exit());`;

interface RoundTrips {
  readonly count: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/**
 * What polls do to packets: round trips of datagrams through the table while nobody reads it, while the agent polls it once a second for a
 * subscriber, and while `cat` reads it once a second. The windows take turns, so that a busy machine is as busy for each.
 */
export async function run(): Promise<void> {
  const unavailable = labUnavailable();
  if (unavailable !== undefined) {
    process.stdout.write(`latency: left out: ${unavailable}\n`);
    return;
  }
  const namespace = await NetworkNamespace.create('bench-latency');
  try {
    // Without a rule that asks for states the kernel does not track.
    await namespace.nft(
      'table inet t {\n chain c {\n type filter hook input priority 0;\n ct state established accept\n }\n }',
    );
    await insertEntries(namespace, makeEntries(ENTRIES));
    const agent = await LabAgent.start(namespace, {
      folder: makeFolder(),
      ...(existsSync(BUILT) ? { program: BUILT } : {}),
    });
    const pinger = namespace.spawn(process.execPath, ['-e', PINGER], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: pinger.stdout as NodeJS.ReadableStream });
    const measured = async (): Promise<RoundTrips> => {
      pinger.stdin?.write('\n');
      const [line] = await once(lines, 'line');
      return JSON.parse(line) as RoundTrips;
    };
    const window = async () => {
      await measured();
      await setTimeout(WINDOW_MS);
      return measured();
    };
    const quiet: RoundTrips[] = [];
    const polled: RoundTrips[] = [];
    const read: RoundTrips[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      quiet.push(await window());

      const watching = agent.client.watchFlows({}).on('error', () => undefined);
      watching.resume();
      await once(watching, 'data');
      polled.push(await window());
      watching.cancel();

      const script = 'while :; do cat /proc/net/nf_conntrack >/dev/null; sleep 1; done';
      const cat = namespace.spawn('bash', ['-c', script], { stdio: 'ignore' });
      await setTimeout(500);
      read.push(await window());
      cat.kill();
      await once(cat, 'exit');
    }
    pinger.stdin?.end();
    await agent.stop();
    process.stdout.write(
      `latency: round trips of datagrams beside ${ENTRIES} entries, median of ${ROUNDS} windows of ${WINDOW_MS / 1000} s\n`,
    );
    for (const [what, windows] of [
      ['nobody reads the table', quiet],
      ['the agent polls it', polled],
      ['cat reads it', read],
    ] as const)
      process.stdout.write(`  ${what}: ${describe(windows)}\n`);
    verdict('p50 while the agent polls, beside nobody', ratio(polled, quiet, 'p50'), 1.25);
    verdict('p99 while the agent polls, beside nobody', ratio(polled, quiet, 'p99'), 2);
    verdict('p99 while the agent polls, beside cat', ratio(polled, read, 'p99'), 1.5);
  } finally {
    await namespace.close();
  }
}

function describe(windows: readonly RoundTrips[]): string {
  const us = (key: keyof RoundTrips) => `${Math.round(median(windows, key))} µs`;
  const count = windows.reduce((sum, window) => sum + window.count, 0);
  return `p50 ${us('p50')}, p99 ${us('p99')}, p99.9 ${us('p999')}, worst ${us('max')} (${count} round trips)`;
}

function ratio(a: readonly RoundTrips[], b: readonly RoundTrips[], key: keyof RoundTrips): number {
  return median(a, key) / median(b, key);
}

function median(windows: readonly RoundTrips[], key: keyof RoundTrips): number {
  const sorted = windows.map((window) => window[key]).toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
