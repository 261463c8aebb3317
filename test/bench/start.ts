import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { KFLOW, timesInTerminal } from './first-rows.ts';
import { verdict } from './verdict.ts';

const RUNS = 11;
const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
/** As they are shipped. */
const CLIENT = path('dist/client/main.js');
const AGENT = path('dist/agent/main.js');
const NODES = [1, 2, 3];
const FLOWS = 30;

/**
 * How long programs take to start, as multiples of what node alone takes in the same run. A busy machine makes any run slow, and none quick:
 * the quickest of each counts.
 */
export async function run(): Promise<void> {
  if (!existsSync(CLIENT) || !existsSync(AGENT)) {
    process.stdout.write('start: left out: not built (npm run build)\n');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'kflow-bench-'));
  const agents: ChildProcess[] = [];
  try {
    for (const node of NODES) writeFileSync(`${folder}/${node}.txt`, tableOf(node));
    for (const node of NODES) agents.push(await startAgent(`${folder}/${node}.txt`, `${folder}/${node}.sock`));
    const endpoints = NODES.map((node) => `unix:${folder}/${node}.sock`).join(',');
    const flows = [CLIENT, 'flows', '--once', '--endpoints', endpoints];
    const node: Cost[] = [];
    const costs = new Map<string, Cost[]>();
    const rows: number[] = [];
    const ready: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      node.push(costOf(['-e', '0']));
      for (const args of [['--version'], ['--help'], ['flows', '--help']])
        add(costs, `kflow ${args.join(' ')}`, costOf([CLIENT, ...args]));
      add(costs, 'flows', costOf(flows));
      const began = performance.now();
      await stop(
        await startAgent(`${folder}/1.txt`, `${folder}/ready.sock`, () => ready.push(performance.now() - began)),
      );
      rows.push((await timesInTerminal(`${process.execPath} ${CLIENT} --endpoints ${endpoints}`, KFLOW)).rows);
    }
    const [wall, cpu] = [least(node, 'wallMs'), least(node, 'cpuMs')];
    process.stdout.write(`start: node -e 0: ${wall.toFixed(0)} ms, ${cpu.toFixed(0)} ms of CPU; in multiples of it:\n`);
    for (const [name, all] of costs) if (name !== 'flows') verdict(name, least(all, 'wallMs') / wall, 2);
    verdict('kflow flows --once from 3 agents, CPU', least(costs.get('flows') ?? [], 'cpuMs') / cpu, 8);
    verdict('the first rows of the console from 3 agents', Math.min(...rows) / wall, 12);
    verdict('kflow-agent until it serves', Math.min(...ready) / wall, 6);
  } finally {
    await Promise.all(agents.map(stop));
    rmSync(folder, { recursive: true });
  }
}

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Its time on the clock, and that of the processors as the shell measures it. */
function costOf(args: readonly string[]): Cost {
  const shell = `TIMEFORMAT='%3U %3S'; time "$@" >/dev/null 2>&1`;
  const began = performance.now();
  spawnSync(process.execPath, args);
  const wallMs = performance.now() - began;
  const { stderr } = spawnSync('bash', ['-c', shell, 'bash', process.execPath, ...args], { encoding: 'utf8' });
  const seconds = stderr.trim().split(' ').map(Number);
  return { wallMs, cpuMs: seconds.reduce((sum, part) => sum + part, 0) * 1000 };
}

function add(costs: Map<string, Cost[]>, name: string, cost: Cost): void {
  costs.set(name, [...(costs.get(name) ?? []), cost]);
}

function least(costs: readonly Cost[], key: keyof Cost): number {
  return Math.min(...costs.map((cost) => cost[key]));
}

/** Resolves when it serves; `served` is called at that moment. */
async function startAgent(table: string, socket: string, served?: () => void): Promise<ChildProcess> {
  const child = spawn(process.execPath, [AGENT], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      KUBE_NODE_NAME: basename(table, '.txt'),
      CONNTRACK_PATH: table,
      KFLOW_LISTEN: `unix:${socket}`,
    },
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    lines.push(line);
    if (!line.includes('serving')) continue;
    served?.();
    child.stderr.resume();
    return child;
  }
  throw new Error(`the agent has not started: ${lines.join('\n')}`);
}

/** Connections from this node to the others: with as many boxes in the graph as in a cluster of three nodes. */
function tableOf(node: number): string {
  const lines = Array.from({ length: FLOWS }, (_, i) => {
    const [from, to] = [`10.0.0.${node}`, `10.0.0.${NODES[(node + i) % NODES.length]}`];
    const [source, port] = [40_000 + 100 * node + i, [5432, 8080, 53][i % 3]];
    const counters = `packets=${i + 1} bytes=${1000 * (i + 1)}`;
    const original = `src=${from} dst=${to} sport=${source} dport=${port} ${counters}`;
    const reply = `src=${to} dst=${from} sport=${port} dport=${source} ${counters}`;
    return `ipv4     2 tcp      6 431999 ESTABLISHED ${original} ${reply} [ASSURED] mark=0 zone=0 use=2\n`;
  });
  return lines.join('');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

if (import.meta.main) await run();
