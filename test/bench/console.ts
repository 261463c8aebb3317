import { PassThrough, Writable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { concat, from, interval, map, type Observable, of } from 'rxjs';
import type { AgentEvent } from '../../src/client/agents/agent-event.ts';
import type { AgentInfo } from '../../src/client/model/agent.ts';
import type { Snapshot } from '../../src/client/model/snapshot.ts';
import * as live from '../../src/client/session/live-session.ts';
import { correlateTables } from '../../src/client/session/live-session.ts';
import { runConsole } from '../../src/client/tui/console.ts';
import type { FlowTable } from '../../src/flow/flow-table.ts';
import { manyNames, pairedNodes, wholeNode } from './join.ts';

const POLL_MS = 1000;
const SHARE_CHANGED = 0.1;
const SECONDS = Number(process.env.KFLOW_BENCH_SECONDS ?? 20);
const KEY_EVERY_MS = 40;
const SIZE = { columns: 160, rows: 50 };

/** What is typed, over and over: moves, far moves, other orders, other views, a filter. */
const KEYS = [
  ...['j', 'j', 'k', '\x04', '\x15', 'G', 'g', 'g', '\x06', '\x02', '>', 'r', '<', 'l', 'j', '\t', '\t', '\t'],
  ...[
    '/',
    '1',
    '0',
    '.',
    '5',
    '\x7f',
    '\x1b[A',
    '\r',
    '\x1b',
    'z',
    'z',
    'f',
    'f',
    'f',
    'f',
    'f',
    'n',
    'n',
    't',
    'r',
    '>',
    '>',
  ],
];
/** The views, without the graph, and the overview at the end. */
const VIEWS = ['2', '3', '4', '6', '7', '1'];

/**
 * The console over 250,000 flows of which a tenth changes each second, from the agents' tables to what is written to the
 * terminal: how long a key takes to the screen, the share of a core, and the memory. gRPC is not in it.
 */
export async function run(): Promise<void> {
  await measure('100 agents × 2,500 flows', pairedNodes(100));
  await measure('1 agent × 250,000 flows', [wholeNode()]);
}

async function measure(what: string, tables: FlowTable[]): Promise<void> {
  const snapshots$ = liveSnapshots(tables);
  const input = new PassThrough();
  const screen = new Screen();
  const stop = new AbortController();
  const done = runConsole({
    snapshots$,
    signal: stop.signal,
    env: { TERM: 'xterm-256color' },
    terminal: { input, output: screen },
  });
  await until(() => screen.text.includes('connections'));
  // The first orders are made, and the code is warm.
  await sleep(3000);
  const latencies = new Map<string, number[]>();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await sleep((SECONDS * 1000) / 2);
  const { user, system } = process.cpuUsage(cpu);
  const share = (user + system) / 1000 / (performance.now() - began);
  const memory = process.memoryUsage.rss() / 2 ** 20;
  const turns = cpuOfTurns();
  const work = await typeKeys(input, screen, latencies, SECONDS * 1000);
  const longest = turns();
  stop.abort();
  await done;
  const all = [...latencies.values()].flat();
  process.stdout.write(
    `console: ${what}: key to screen p50 ${at(all, 0.5)} ms, p99 ${at(all, 0.99)} ms, longest ${at(all, 1)} ms (${all.length} keys); ` +
      `nobody types: ${(share * 100).toFixed(0)}% of a core; ${memory.toFixed(0)} MiB, the agents' tables among them\n`,
  );
  process.stdout.write(
    `  by the thread's own clock, which other programs do not slow down: a key's work p50 ${at(work, 0.5)} ms, p99 ${at(work, 0.99)} ms; ` +
      `turns of the event loop p99 ${at(longest, 0.99)} ms, longest ${at(longest, 1)} ms\n`,
  );
  const slow = [...latencies]
    .map(([key, times]) => [key, at(times, 0.9)] as const)
    .sort((a, b) => Number(b[1]) - Number(a[1]));
  process.stdout.write(
    `  slowest keys, p90: ${slow
      .slice(0, 6)
      .map(([key, time]) => `${JSON.stringify(key)} ${time} ms`)
      .join(', ')}\n`,
  );
}

/** What a session makes of agents with these tables, of which a tenth changes each second. */
export function liveSnapshots(tables: readonly FlowTable[]): Observable<Snapshot> {
  const names = manyNames();
  const targets = tables.map((_, i) => ({
    key: `agent-${i}`,
    node: `node-${i}`,
    dial: () => Promise.reject(new Error()),
  }));
  return live.liveSnapshots({
    discovery: { origin: 'bench', discovered$: of({ targets }) },
    names,
    correlate: correlateTables(names),
    hints: () => [],
    watch: ({ key }) => watch(tables[Number(key.slice('agent-'.length))] as FlowTable),
  });
}

/** Live, with a table that changes each second. */
function watch(table: FlowTable): Observable<AgentEvent> {
  const info: AgentInfo = {
    node: '',
    version: 'bench',
    source: 'procfs',
    path: '/proc/net/nf_conntrack',
    accounting: 'on',
    timestamping: 'off',
    maxEntries: 524_288,
  };
  const first: AgentEvent[] = [
    { kind: 'info', info },
    { kind: 'status', status: { kind: 'live' } },
    { kind: 'table', table },
  ];
  let poll = 0;
  return concat(
    from(first),
    interval(POLL_MS).pipe(
      map((): AgentEvent => {
        poll++;
        const { columns } = table;
        const step = Math.round(1 / SHARE_CHANGED);
        for (let slot = poll % step; slot < table.end; slot += step) {
          if (!table.isLive(slot)) continue;
          columns.originalBytes.set(slot, columns.originalBytes.get(slot) + 1000 * (slot % 7));
          columns.originalRate[slot] = 1000 * ((slot + poll) % 7);
          table.markStatsChanged(slot);
        }
        table.commit(Date.now());
        return { kind: 'table', table };
      }),
    ),
  );
}

/** Keys come from another thread, so that one waits for the event loop as a real one does. */
async function typeKeys(
  input: PassThrough,
  screen: Screen,
  latencies: Map<string, number[]>,
  ms: number,
): Promise<number[]> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     setInterval(() => parentPort.postMessage(process.hrtime.bigint()), ${KEY_EVERY_MS});`,
    { eval: true },
  );
  const end = performance.now() + ms;
  let turn = 0;
  const work: number[] = [];
  let waiting: { key: string; since: bigint; cpu: number } | undefined;
  screen.written = () => {
    if (waiting === undefined) return;
    const times = latencies.get(waiting.key) ?? [];
    times.push(Number(process.hrtime.bigint() - waiting.since) / 1e6);
    latencies.set(waiting.key, times);
    work.push(threadMs() - waiting.cpu);
    waiting = undefined;
  };
  worker.on('message', (since: bigint) => {
    if (waiting !== undefined) return;
    const keys = [...KEYS, VIEWS[Math.floor(turn / (KEYS.length + 1)) % VIEWS.length] as string];
    const key = keys[turn % keys.length] as string;
    turn++;
    waiting = { key, since, cpu: threadMs() };
    input.write(key);
    // It is drawn in the next turn. A key that changes nothing on the screen writes nothing: it is not counted.
    setImmediate(() =>
      setImmediate(() =>
        setImmediate(() => {
          waiting = undefined;
        }),
      ),
    );
  });
  await until(() => performance.now() > end);
  await worker.terminate();
  screen.written = undefined;
  return work;
}

/** Milliseconds that this thread has worked. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** How long turns of the event loop work, in which a key would wait; until what it gives is called. */
function cpuOfTurns(): () => number[] {
  const turns: number[] = [];
  let last = threadMs();
  const timer = setInterval(() => {
    const now = threadMs();
    turns.push(now - last);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return turns;
  };
}

/** A terminal that takes everything. */
export class Screen extends Writable {
  columns = SIZE.columns;
  rows = SIZE.rows;
  readonly isTTY = true;
  text = '';
  written: (() => void) | undefined;

  override _write(chunk: Buffer, _: BufferEncoding, callback: () => void): void {
    this.text = chunk.toString();
    this.written?.();
    callback();
  }
}

function at(times: readonly number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(50);
}

if (import.meta.main) await run();
