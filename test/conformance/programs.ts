import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KFLOW = fileURLToPath(new URL('../../dist/client/main.js', import.meta.url));

/** kubectl itself. Some distributions have a program by its name that asks the server for its version, then calls another. */
export function findKubectl(): string | undefined {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'kubectl'))
    .find((path) => existsSync(path));
  if (found === undefined) return undefined;
  const version = execFileSync(found, ['version', '--client'], { encoding: 'utf8' });
  if (!version.includes('dispatcher')) return found;
  const folder = dirname(realpathSync(found));
  const versions = readdirSync(folder).filter((name) => /^kubectl\.\d+\.\d+$/.test(name));
  const newest = versions.sort((one, other) => Number(one.split('.')[2]) - Number(other.split('.')[2])).at(-1);
  return newest === undefined ? found : join(folder, newest);
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly ended: Promise<Ended>;
  stop(): void;
}

export interface Start {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Standard input, output and error are a terminal. */
  readonly terminal: boolean;
}

export function startKubectl(path: string, args: readonly string[], how: Start): Run {
  return start(path, args, how);
}

export function startKflow(args: readonly string[], how: Start): Run {
  return start(process.execPath, [KFLOW, ...args], how);
}

function start(command: string, args: readonly string[], { env, cwd, terminal }: Start): Run {
  const quoted = [command, ...args].map((arg) => `'${arg}'`).join(' ');
  const [program, all] = terminal ? ['script', ['-qec', quoted, '/dev/null']] : [command, [...args]];
  const child = spawn(program, all, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr: terminal ? stdout : stderr }));
  });
  return { ended, stop: () => end(child) };
}

/** With all that it has started. */
function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
