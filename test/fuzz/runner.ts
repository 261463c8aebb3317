import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Input, Tried } from './worker.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
/** V8 ends a process that needs more. */
const MAX_HEAP_MIB = 768;
/** To load the targets, on a busy machine. */
const START_MS = 60_000;

/** Tries inputs in a process of its own, so that one that loops for ever, or takes all memory, ends no more than that. */
export class Runner {
  readonly #module: string;
  readonly #target: string;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #words = '';

  constructor(module: string, target: string, folder: string) {
    this.#module = module;
    this.#target = target;
    this.#folder = folder;
  }

  /** Why the input is a failure; undefined: it is none. `lateMs`: how long to wait for what it left behind. */
  async failureOf(bytes: Buffer, limitMs: number, lateMs = 0): Promise<string | undefined> {
    this.#child ??= await this.#start();
    this.#child.send({ bytes, lateMs } satisfies Input, () => {});
    return this.#answer(this.#child, limitMs);
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #start(): Promise<ChildProcess> {
    this.#words = '';
    const child = fork(WORKER, [this.#module, this.#target, this.#folder], {
      execArgv: [`--max-old-space-size=${MAX_HEAP_MIB}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-4_000);
    });
    // What cannot be sent to it is reported by its end.
    child.on('error', () => {});
    // To be ended with the rest, also while it starts.
    this.#child = child;
    const failure = await this.#answer(child, START_MS);
    if (failure !== undefined) throw new Error(`${this.#target} cannot be tried: ${failure}`);
    return child;
  }

  async #answer(child: ChildProcess, limitMs: number): Promise<string | undefined> {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort('time'), limitMs);
    const ended = () => over.abort('end');
    child.once('exit', ended);
    try {
      const [{ failure }] = (await once(child, 'message', { signal: over.signal })) as [Tried];
      return failure;
    } catch {
      this.close();
      return over.signal.reason === 'time'
        ? `it does not come to an end in ${limitMs / 1000} s`
        : this.#lastWords(child);
    } finally {
      clearTimeout(timer);
      child.off('exit', ended);
    }
  }

  #lastWords({ exitCode, signalCode }: ChildProcess): string {
    if (/heap out of memory/.test(this.#words)) return `it takes more than ${MAX_HEAP_MIB} MiB`;
    return `the process ended with ${signalCode ?? `status ${exitCode}`}\n${this.#words}`;
  }
}
