import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { run } from '../../../../../src/client/cli/run.ts';

export const KFLOW = fileURLToPath(new URL('../../../../../src/client/main.ts', import.meta.url));

const STOPPED: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly bytes: Buffer;
  readonly err: string;
}

export interface RunOptions {
  /** A file's descriptor in the place of the pipe that is read. */
  readonly out?: number;
  /** Takes each piece of stderr, and may send a signal. */
  readonly heard?: (err: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** Takes each piece of stdout, likewise. */
  readonly read?: (out: string, kill: (signal: NodeJS.Signals) => void) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end, so that servers of this process may answer it. */
export async function runProcess(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { out = 'pipe', heard, read, env = process.env } = options;
  const child = spawn(command, args, { stdio: ['ignore', out, 'pipe'], timeout: 60_000, env });
  const pieces: Record<'out' | 'err', Buffer[]> = { out: [], err: [] };
  const text = (of: readonly Buffer[]) => Buffer.concat(of).toString('utf8');
  child.stdout?.on('data', (piece: Buffer) => {
    pieces.out.push(piece);
    read?.(piece.toString('utf8'), (signal) => child.kill(signal));
  });
  child.stderr?.on('data', (piece: Buffer) => {
    pieces.err.push(piece);
    heard?.(text(pieces.err), (signal) => child.kill(signal));
  });
  const [status] = (await once(child, 'close')) as [number | null];
  const bytes = Buffer.concat(pieces.out);
  return { status, out: bytes.toString('utf8'), bytes, err: text(pieces.err) };
}

/** The shipped program, as one types it, in a process of its own. */
export function runKflowProcess(args: readonly string[], options?: RunOptions): Promise<Ended> {
  return runProcess(process.execPath, [KFLOW, ...args], options);
}

/**
 * The same, except for its main program, in this process: its stdout and stderr are no terminals, and a signal aborts it. A third
 * of a second of CPU is spared each time.
 */
export async function runKflow(args: readonly string[], options: Omit<RunOptions, 'out'> = {}): Promise<Ended> {
  const { heard, read, env = process.env } = options;
  const abort = new AbortController();
  const timeout = AbortSignal.timeout(60_000);
  const kill = (signal: NodeJS.Signals) => abort.abort(signal);
  const pieces: Buffer[] = [];
  let err = '';
  const put = (bytes: Uint8Array) => {
    if (bytes.length === 0) return;
    pieces.push(Buffer.from(bytes));
    read?.(Buffer.from(bytes).toString('utf8'), kill);
  };
  const status = await run(['node', 'kflow', ...args], {
    stdout: (text) => put(Buffer.from(text)),
    stdoutBytes: async (bytes) => put(bytes),
    flushed: async () => {},
    stderr: (text) => {
      err += text;
      heard?.(err, kill);
    },
    signal: AbortSignal.any([abort.signal, timeout]),
    env,
    isTerminal: false,
  });
  timeout.throwIfAborted();
  const bytes = Buffer.concat(pieces);
  const stopped = abort.signal.aborted ? STOPPED[abort.signal.reason as NodeJS.Signals] : undefined;
  return { status: stopped ?? status, out: bytes.toString('utf8'), bytes, err };
}
