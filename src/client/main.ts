#!/usr/bin/env node
import module from 'node:module';
import { StandardOutput } from '../standard-output.ts';
import { cacheFolder } from './files/private-folder.ts';
import { forTerminal } from './format/sanitize.ts';
import { redactSecrets } from './format/secrets.ts';

const GRACE_MS = 3000;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19))
  end(1, `needs Node.js 22.19 or newer; this is ${process.versions.node}`);
// This process runs the compiled code in that folder, so it must be private, or a folder that the user
// names (Node reads NODE_COMPILE_CACHE itself).
const cache = process.env.NODE_COMPILE_CACHE ? undefined : cacheFolder(process.env);
if (cache !== undefined) module.enableCompileCache(cache);

/** The exit status, once a signal or a failed output ends the program. */
let stopped: number | undefined;
const abort = new AbortController();

/** Aborted commands clean up and return; a second signal or a timeout ends the process at once. */
function stop(status: number): void {
  if (stopped !== undefined) process.exit(stopped);
  windUp(status);
}

function windUp(status: number): void {
  stopped ??= status;
  abort.abort();
  setTimeout(() => {
    tellFault();
    process.exit(stopped);
  }, GRACE_MS).unref();
}

function end(status: number, message: string): never {
  process.stderr.write(forTerminal(redactSecrets(`kflow: ${message}\n`)));
  process.exit(status);
}

process.on('SIGINT', () => stop(130));
process.on('SIGTERM', () => stop(143));
process.on('SIGHUP', () => stop(129));
process.on('SIGQUIT', () => stop(131));
// A reader that closes the pipe (`| head`) is no error.
const output = new StandardOutput(process.stdout, ({ code }) => windUp(code === 'EPIPE' ? 0 : 1));
process.stderr.on('error', () => {});

const fatal = (error: unknown) => {
  abort.abort();
  // The aborted console has restored the terminal, so this message is readable.
  end(1, `this is a fault in kflow: ${error instanceof Error ? error.stack : String(error)}`);
};
process.on('uncaughtException', fatal);
process.on('unhandledRejection', fatal);

/** V8 would end the process without restoring the terminal. */
async function watchMemory(): Promise<void> {
  const { HEAP_EXIT_RATIO, heapLimit, watchHeap } = await import('./async/heap-watch.ts');
  watchHeap(HEAP_EXIT_RATIO, () => {
    abort.abort();
    end(
      1,
      `out of memory: more than kflow may use (${heapLimit()}). NODE_OPTIONS=--max-old-space-size=8192 allows 8 GiB`,
    );
  });
}

const { run, stderrWriter } = await import('./cli/run.ts');
const status = await run(process.argv, {
  // Data for a program is unchanged; output for a terminal gets a last check.
  stdout: process.stdout.isTTY ? (text) => output.write(forTerminal(text)) : (text) => output.write(text),
  flushed: () => output.drained(abort.signal),
  ...(process.stdout.isTTY ? { terminal: () => process.stdout } : {}),
  ...(process.stdout.isTTY ? {} : { stdoutBytes: (bytes: Uint8Array) => output.writeWhole(bytes) }),
  ...stderrWriter(process.stderr),
  beforeCommand: watchMemory,
  ...(process.stdin.isTTY && process.stderr.isTTY && !process.env.CI
    ? { confirm: (question: string) => confirmOnTerminal(question, abort.signal) }
    : {}),
  signal: abort.signal,
  env: process.env,
  isTerminal: Boolean(process.stdin.isTTY && process.stdout.isTTY) && process.env.TERM !== 'dumb',
});
// Data that a pipe has not accepted yet would be lost.
await Promise.race([output.flushed(), aborted()]);
tellFault();
await Promise.race([new Promise<void>((resolve) => process.stderr.write('', () => resolve())), aborted()]);
process.exit(stopped ?? status);

async function confirmOnTerminal(question: string, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([terminal.question(`${forTerminal(question)} [y/N] `, { signal }), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function tellFault(): void {
  if (output.fault !== undefined) process.stderr.write(`kflow: ${output.fault}\n`);
}

function aborted(): Promise<void> {
  return new Promise((resolve) => {
    if (abort.signal.aborted) resolve();
    else abort.signal.addEventListener('abort', () => resolve());
  });
}
