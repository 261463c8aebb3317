/**
 * From typing `kflow` to the console's first paint and to its first rows, in a real terminal, over the agents of the cluster
 * that KUBECONFIG names. Beside it, where KFLOW_ORIGINAL has its command line ("kflow --kube" of `cargo install kflow`), the
 * original kflow's, which opens one `kubectl port-forward` for each pod and refresh; it needs its own daemon in the
 * kubeconfig's current namespace. Runs what is built: `npm run build` first. How long node itself takes to
 * start tells how busy the machine is.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { verdict } from './verdict.ts';

const RUNS = 7;
const PATIENCE_MS = 30_000;
const MAIN = fileURLToPath(new URL('../../dist/client/main.js', import.meta.url));
/** Of kflow: its header; a protocol and a port, which only rows have. */
export const KFLOW = { paint: /kflow/, rows: /(tcp|udp) +\d+/ };

interface Times {
  readonly paint: number;
  readonly rows: number;
}

export async function run(): Promise<void> {
  const { KUBECONFIG, KFLOW_ORIGINAL, KFLOW_ORIGINAL_ROWS = '\\d+\\.\\d+\\.\\d+\\.\\d+' } = process.env;
  if (!KUBECONFIG) {
    process.stdout.write('first-rows: needs a cluster with agents: set KUBECONFIG\n');
    return;
  }
  const alone: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const began = performance.now();
    spawnSync(process.execPath, ['-e', '0']);
    alone.push(performance.now() - began);
  }
  const node = Math.min(...alone);
  process.stdout.write(`first-rows: node -e 0 takes ${node.toFixed(0)} ms\n`);
  const rows = await report('kflow', `${process.execPath} ${MAIN}`, KFLOW);
  verdict('the first rows, in multiples of it', rows / node, 12);
  if (KFLOW_ORIGINAL) await report('original', KFLOW_ORIGINAL, { paint: /\S/, rows: new RegExp(KFLOW_ORIGINAL_ROWS) });
}

/** Resolves with the quickest first rows. */
async function report(name: string, command: string, marks: typeof KFLOW): Promise<number> {
  const all: Times[] = [];
  for (let i = 0; i < RUNS; i++) all.push(await timesInTerminal(command, marks));
  const words = (key: keyof Times) => {
    const sorted = all.map((times) => times[key]).sort((a, b) => a - b);
    return `${sorted[0]?.toFixed(0)} ms (median ${sorted[RUNS >> 1]?.toFixed(0)})`;
  };
  process.stdout.write(`first-rows: ${name}: first paint ${words('paint')}; first rows ${words('rows')}\n`);
  return Math.min(...all.map(({ rows }) => rows));
}

/** Milliseconds from the start until what is drawn has each mark. */
export function timesInTerminal(command: string, marks: typeof KFLOW): Promise<Times> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const inTerminal = `stty rows 50 cols 160; exec ${command}`;
    const child = spawn('script', ['-qfec', inTerminal, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TERM: 'xterm-256color' },
    });
    let text = '';
    let paint: number | undefined;
    const patience = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command}: no rows in ${PATIENCE_MS / 1000} s: ${JSON.stringify(text.slice(-500))}`));
    }, PATIENCE_MS);
    child.stdout.on('data', (piece) => {
      text += stripVTControlCharacters(String(piece));
      if (paint === undefined && marks.paint.test(text)) paint = performance.now() - began;
      if (paint === undefined || !marks.rows.test(text)) return;
      clearTimeout(patience);
      child.stdout.removeAllListeners('data').resume();
      const rows = performance.now() - began;
      child.once('close', () => resolve({ paint: paint as number, rows }));
      child.kill('SIGTERM');
    });
  });
}

if (import.meta.main) await run();
