import { run } from '../../src/client/cli/run.ts';

export interface Result {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Calls kflow, inside this process. */
export async function kflow(...args: readonly string[]): Promise<Result> {
  let out = '';
  let err = '';
  const status = await run(['node', 'kflow', ...args], {
    stdout: (text) => {
      out += text;
    },
    flushed: () => Promise.resolve(),
    stderr: (text) => {
      err += text;
    },
    signal: new AbortController().signal,
    env: process.env,
    isTerminal: false,
  });
  return { status, out, err };
}
