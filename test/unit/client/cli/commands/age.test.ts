import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../../../../src/agent/config.ts';
import { startAgent } from '../../../../../src/agent/server.ts';
import { run } from '../../../../../src/client/cli/run.ts';

function line(sport: number, more = ''): string {
  const there = `src=10.244.1.9 dst=192.0.2.1 sport=${sport} dport=443 packets=1 bytes=60`;
  const back = `src=192.0.2.1 dst=10.244.1.9 sport=443 dport=${sport} packets=1 bytes=60`;
  return `ipv4     2 tcp      6 431999 ESTABLISHED ${there} ${back} [ASSURED] mark=0 ${more}zone=0 use=2\n`;
}

/** What `flows -f -o json` prints until `enough` of it is there; `seen` is called with all that was printed so far. */
async function follow(endpoint: string, seen: (events: readonly Event[], stop: () => void) => void): Promise<void> {
  const abort = new AbortController();
  const limit = AbortSignal.timeout(20_000);
  let out = '';
  await run(['node', '/usr/bin/kflow', 'flows', '-f', '-o', 'json', '--endpoints', endpoint], {
    stdout: (text) => {
      out += text;
      const events = out
        .split('\n')
        .slice(0, -1)
        .map((text) => JSON.parse(text) as Event);
      seen(events, () => abort.abort());
    },
    flushed: () => Promise.resolve(),
    stderr: () => {},
    signal: AbortSignal.any([abort.signal, limit]),
    env: {},
    isTerminal: false,
  });
  assert.ok(!limit.aborted, `not within 20 s; printed: ${out}`);
}

interface Event {
  readonly event: string;
  readonly source: { readonly port: number };
  readonly ageSeconds?: number;
  readonly observedSeconds: number;
}

test('only of a connection that kflow saw begin, or that has a time stamp, the age is known', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'table');
  writeFileSync(path, line(1001) + line(1002, 'delta-time=7200 '));
  const listen = `unix:${join(folder, 'agent')}`;
  const parsed = parseConfig([], { CONNTRACK_PATH: path, KFLOW_LISTEN: listen, KFLOW_INTERVAL: '100ms' });
  assert.ok(parsed.kind === 'config');
  const agent = await startAgent(parsed.config);
  t.after(() => agent.close());

  const found = new Map<number, Event>();
  let appended = false;
  await follow(listen, (events, stop) => {
    for (const event of events) if (event.event === 'added') found.set(event.source.port, event);
    if (!appended && found.has(1001) && found.has(1002)) {
      appended = true;
      appendFileSync(path, line(1003));
    }
    if (found.has(1003)) stop();
  });
  const ages = [1001, 1002, 1003].map((port) => found.get(port)?.ageSeconds);
  assert.equal(ages[0], undefined, 'it was there before');
  assert.ok(Math.abs((ages[1] ?? 0) - 7200) <= 2, `time stamp: ${ages[1]}`);
  assert.ok((ages[2] ?? Number.NaN) <= 5, `seen to begin: ${ages[2]}`);
  for (const event of found.values()) assert.equal(typeof event.observedSeconds, 'number');
});
