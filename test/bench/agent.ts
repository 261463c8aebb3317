import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { applyDelta } from '../../src/flow/apply.ts';
import { FlowTable } from '../../src/flow/flow-table.ts';
import { decodeResponse } from '../../src/wire/decode.ts';
import type { WatchFlowsResponse__Output } from '../../src/wire/gen/kflow/v1/WatchFlowsResponse.ts';
import { LabAgent } from '../lab/agent.ts';
import { deleteEntries, insertEntries } from '../lab/conntrack.ts';
import { makeFolder } from '../lab/folder.ts';
import { NetworkNamespace } from '../lab/namespace.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { until } from '../lab/until.ts';
import { CHANGED, makeEntries } from './entries.ts';
import { verdict } from './verdict.ts';

const SIZES = [10_000, 30_000, 250_000];
/** Of a large table a few polls tell; of a small one what a poll costs is little, and less when its code is compiled: after some twenty. */
const POLLS = 5;
const SMALL_POLLS = 20;
/** MiB: with a subscriber, by the size of the table. */
const MAX_RSS: Readonly<Record<number, number>> = { 30000: 92, 250000: 115 };
const MAX_IDLE_RSS = 80;
const MAX_READER_RSS = 60;
/** Beside `cat`. */
const MAX_PROCFS_CPU = 1.15;
const MAX_SMALL_PROCFS_CPU = 1.3;
/** CPU time, in milliseconds. */
const MAX_HELD = 10;
const IDLE_SECONDS = 20;
const GAUGE_PREFIX = 'gauge: ';
/** The built agent, as it is shipped: node takes tens of MiB to strip types. */
const BUILT = fileURLToPath(new URL('../../dist/agent/main.js', import.meta.url));
const BUILT_READER = fileURLToPath(new URL('../../dist/agent/reader.js', import.meta.url));
const READER = fileURLToPath(new URL('../../src/agent/reader.ts', import.meta.url));
const RECEIVE = fileURLToPath(new URL('../lab/receive-netlink.ts', import.meta.url));
/** As text, and not by its path: the agent may read no files but its own. */
const GAUGE = `data:text/javascript,${encodeURIComponent(readFileSync(new URL('../lab/gauge.mjs', import.meta.url), 'utf8'))}`;

interface Gauge {
  /** User and system time of the process, in milliseconds; of polls in a row, of one and without the gauge's own. */
  readonly cpuMs: number;
  /** How late a timer of a few ms was. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  /** The most CPU time that the event loop was held for, in milliseconds, and up to 4 more. */
  readonly heldMaxMs: number;
  readonly rssMiB: number;
}

/** What the agent is compared with: CPU time in milliseconds. */
interface Peers {
  readonly cat: number;
  readonly list: number;
  /** A loop that only receives the dump of netlink, and drops it. */
  readonly receive: number;
}

/** `reader`: netlink as on a cluster's node, by kflow-reader; its CPU is counted with the agent's. */
type Source = 'procfs' | 'netlink' | 'reader';
const SOURCES: readonly Source[] = ['procfs', 'netlink', 'reader'];

/**
 * An agent over a real table, by each source, with one subscriber that reads and applies everything, against `cat`,
 * `conntrack -L` and a loop that only receives, of the same table.
 */
export async function run(): Promise<void> {
  const unavailable = labUnavailable();
  if (unavailable !== undefined) {
    process.stdout.write(`agent: left out: ${unavailable}\n`);
    return;
  }
  if (!existsSync(BUILT)) process.stdout.write('agent: not built (npm run build): measuring the sources\n');
  const perEntry: Record<Source, number[]> = { procfs: [], netlink: [], reader: [] };
  for (const size of SIZES) {
    const costs = await measure(size);
    for (const source of SOURCES) perEntry[source].push(costs[source] / size);
  }
  for (const source of SOURCES) {
    const [small, large] = [perEntry[source].at(0), perEntry[source].at(-1)];
    verdict(
      `${source}: CPU per entry at ${SIZES.at(-1)}, beside that at ${SIZES[0]}`,
      (large ?? 0) / (small ?? 1),
      1.2,
    );
  }
}

const say = (text: string) => process.stdout.write(`  ${text}\n`);

/** CPU time of a poll without changes, by source. */
async function measure(size: number): Promise<Record<Source, number>> {
  const namespace = await NetworkNamespace.create(`bench-${size}`);
  try {
    await namespace.sysctl({ 'netfilter.nf_conntrack_acct': 1 });
    const entries = makeEntries(size);
    await insertEntries(namespace, entries);
    process.stdout.write(`agent: ${size} entries\n`);
    const cat = await cpuOf(namespace, 'cat /proc/net/nf_conntrack');
    const list = await cpuOf(namespace, 'conntrack -L');
    const receive = await cpuOfReceiving(namespace);
    const times = [`cat ${cat.toFixed(0)} ms of CPU`, `conntrack -L ${list.toFixed(0)}`];
    say(`${times.join(', ')}, receiving the same by netlink ${receive.toFixed(0)}`);
    const peers = { cat, list, receive };
    return {
      procfs: await measureAgent(namespace, entries, 'procfs', peers),
      netlink: await measureAgent(namespace, entries, 'netlink', peers),
      reader: await measureAgent(namespace, entries, 'reader', peers),
    };
  } finally {
    await namespace.close();
  }
}

async function measureAgent(
  namespace: NetworkNamespace,
  entries: readonly string[],
  source: Source,
  peers: Peers,
): Promise<number> {
  const socket = join(makeFolder(), 'run', 'reader.sock');
  const kflowReader = source === 'reader' ? await startReader(namespace, socket) : undefined;
  const agent = await LabAgent.start(namespace, {
    folder: makeFolder(),
    ...(existsSync(BUILT) ? { program: BUILT } : {}),
    environment: {
      NODE_OPTIONS: `--import ${GAUGE}`,
      KFLOW_MAX_DUTY: '1',
      ...(kflowReader === undefined ? { KFLOW_SOURCE: source } : { KFLOW_READER_SOCKET: socket }),
    },
  });
  const others = kflowReader === undefined ? [] : [kflowReader];
  try {
    const large = entries.length === SIZES.at(-1);
    if (large) {
      const before = cpuSeconds(agent.process, ...others);
      await setTimeout(IDLE_SECONDS * 1000);
      const share = (cpuSeconds(agent.process, ...others) - before) / IDLE_SECONDS;
      verdict(`${source}, nobody watching: share of a core`, share, 0.001, '', 4);
      verdict(`${source}, nobody watching: RSS`, rssMiB(agent.process), MAX_IDLE_RSS, ' MiB', 0);
    }
    await startGauge(agent);
    const reader = new Reader(agent);
    await reader.poll(1);
    const first = await readGauge(agent);
    say(`${source}, first snapshot: ${describe(first)}`);
    if (large) {
      verdict(
        `${source}: first snapshot, from the end of the poll to the last flow applied`,
        reader.afterPoll,
        2,
        ' s',
      );
      verdict(`${source}: event loop delay p99, first poll and snapshot`, first.delayP99Ms, 20, ' ms', 1);
    }
    const small = entries.length === SIZES[0];
    const polls = small ? SMALL_POLLS : POLLS;
    if (small) await reader.poll(SMALL_POLLS);
    const quiet = await perPoll(agent, others, reader, polls, async () => undefined);
    say(`${source}, a poll without changes: ${compare(quiet, peers)}`);
    const replaced = entries.filter((_, i) => i % CHANGED === 0);
    const busy = await perPoll(agent, others, reader, polls, async () => {
      await deleteEntries(namespace, '-p', 'udp', '--orig-port-src', '7');
      await insertEntries(namespace, replaced);
    });
    say(`${source}, a poll with ${replaced.length} new: ${compare(busy, peers)}`);
    if (large) {
      for (const [what, { cpuMs }] of [
        ['a poll without changes', quiet],
        [`a poll with ${replaced.length} new`, busy],
      ] as const) {
        if (source === 'procfs') verdict(`procfs: CPU of ${what}, beside cat`, cpuMs / peers.cat, MAX_PROCFS_CPU);
        else {
          verdict(`${source}: CPU of ${what}, beside conntrack -L`, cpuMs / peers.list, 0.6);
          verdict(`${source}: CPU of ${what}, beside receiving alone`, cpuMs / peers.receive, 1.35);
        }
      }
      const delay = Math.max(quiet.delayP99Ms, busy.delayP99Ms);
      verdict(`${source}: event loop delay p99, polling and streaming`, delay, 20, ' ms', 1);
    }
    if (small && source === 'procfs')
      verdict('procfs: CPU of a poll without changes, beside cat', quiet.cpuMs / peers.cat, MAX_SMALL_PROCFS_CPU);
    const heldMs = Math.max(first.heldMaxMs, quiet.heldMaxMs, busy.heldMaxMs);
    verdict(`${source}: event loop held, first poll included`, heldMs, MAX_HELD, ' ms of CPU', 1);
    const maxRss = MAX_RSS[entries.length];
    if (kflowReader !== undefined) verdict('kflow-reader: RSS', rssMiB(kflowReader), MAX_READER_RSS, ' MiB', 0);
    if (maxRss !== undefined)
      verdict(`${source}: RSS with one subscriber`, Math.max(quiet.rssMiB, busy.rssMiB), maxRss, ' MiB', 0);
    return quiet.cpuMs;
  } finally {
    await agent.stop();
    kflowReader?.kill('SIGKILL');
  }
}

async function startReader(namespace: NetworkNamespace, socket: string): Promise<ChildProcess> {
  const program = existsSync(BUILT_READER) ? BUILT_READER : READER;
  const reader = namespace.spawn(process.execPath, [program, '--socket', socket], { stdio: 'inherit' });
  await until('the reader', 10_000, () => statSync(socket));
  return reader;
}

/** User and system time of a process that only receives the table by netlink, in milliseconds: the median of five. */
async function cpuOfReceiving(namespace: NetworkNamespace): Promise<number> {
  const costs: number[] = JSON.parse(await namespace.run(process.execPath, [RECEIVE]));
  return costs.toSorted((a, b) => a - b)[2] ?? Number.NaN;
}

/** User and system time of a command that prints the table, in milliseconds: the median of five. */
async function cpuOf(namespace: NetworkNamespace, command: string): Promise<number> {
  const script = `TIMEFORMAT='%U %S'; for i in 1 2 3 4 5; do { time ${command} >/dev/null 2>&1; } 2>&1; done`;
  const lines = (await namespace.run('bash', ['-c', script])).trim().split('\n');
  const times = lines.map((line) => line.split(' ').reduce((sum, seconds) => sum + Number(seconds) * 1000, 0));
  return times.toSorted((a, b) => a - b)[2] ?? Number.NaN;
}

/** Of some polls in a row: the agent's CPU time for one. And of a few more, the worst delays of its event loop. */
async function perPoll(
  agent: LabAgent,
  others: readonly ChildProcess[],
  reader: Reader,
  polls: number,
  between: () => Promise<void>,
): Promise<Gauge> {
  await reader.poll(reader.polls + 1);
  const from = reader.polls;
  const before = cpuSeconds(agent.process, ...others);
  await pollTimes(reader, polls, between);
  const cpuMs = ((cpuSeconds(agent.process, ...others) - before) * 1000) / (reader.polls - from);
  await startGauge(agent);
  await pollTimes(reader, POLLS, between);
  return { ...(await readGauge(agent)), cpuMs };
}

async function pollTimes(reader: Reader, times: number, between: () => Promise<void>): Promise<void> {
  const end = reader.polls + times;
  while (reader.polls < end) {
    await between();
    await reader.poll(reader.polls + 1);
  }
}

/** User and system time of processes, as the kernel counts it: in steps of 10 ms. */
function cpuSeconds(...processes: readonly ChildProcess[]): number {
  let ticks = 0;
  for (const { pid } of processes) {
    const [user = '', system = ''] =
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
    ticks += Number(user) + Number(system);
  }
  return ticks / 100;
}

function rssMiB({ pid }: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function startGauge(agent: LabAgent): Promise<void> {
  await signalGauge(agent);
}

async function readGauge(agent: LabAgent): Promise<Gauge> {
  const measured = await signalGauge(agent);
  if (measured === null) throw new Error('the gauge was not started');
  return measured;
}

async function signalGauge(agent: LabAgent): Promise<Gauge | null> {
  const lines = () => agent.log.split('\n').filter((line) => line.startsWith(GAUGE_PREFIX));
  const before = lines().length;
  agent.process.kill('SIGUSR2');
  return until('the gauge', 5000, () => {
    const last = lines().slice(before).at(-1);
    if (last === undefined) throw new Error(agent.log);
    return JSON.parse(last.slice(GAUGE_PREFIX.length)) as Gauge | null;
  });
}

function compare(gauge: Gauge, { cat, list, receive }: Peers): string {
  const beside = (peer: number) => (gauge.cpuMs / peer).toFixed(2);
  return `${describe(gauge)}; ${beside(cat)} × cat, ${beside(list)} × conntrack -L, ${beside(receive)} × receiving`;
}

function describe({ cpuMs, delayP99Ms, delayMaxMs, heldMaxMs, rssMiB }: Gauge): string {
  const delay = `event loop delay p99 ${delayP99Ms.toFixed(1)} ms, worst ${delayMaxMs.toFixed(1)} ms`;
  return `${cpuMs.toFixed(0)} ms of CPU, ${delay}, held for ${heldMaxMs.toFixed(1)} ms of CPU at most, RSS ${rssMiB.toFixed(0)} MiB`;
}

/** A subscriber that decodes and applies everything, and keeps nothing but the table. */
class Reader {
  polls = 0;
  /** Seconds from the end of the first poll to that of the snapshot. */
  afterPoll = 0;
  #table = new FlowTable();
  #waiting: (() => void)[] = [];

  constructor(agent: LabAgent) {
    agent.client
      .watchFlows({})
      .on('data', (response: WatchFlowsResponse__Output) => {
        const message = decodeResponse(response, Date.now());
        if (applyDelta(this.#table, message.delta) > 0) throw new Error('changes do not fit the table');
        if (!message.endOfPoll) return;
        this.#table.commit(message.observedAt);
        if (this.polls++ === 0)
          this.afterPoll = (Date.now() - message.observedAt) / 1000 - (message.poll?.durationSeconds ?? 0);
        for (const resolve of this.#waiting.splice(0)) resolve();
      })
      .on('error', () => undefined);
  }

  async poll(number: number): Promise<void> {
    while (this.polls < number) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
