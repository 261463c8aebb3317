import { basename } from 'node:path';
import { CommanderError } from 'commander';
import { sanitizeLine } from '../format/notices.ts';
import { programToPaste } from '../format/program-name.ts';
import { UserError } from '../session/user-error.ts';
import { createProgram } from './program.ts';
import type { CommandIo } from './shared/command-io.ts';

/** Runs a command line (as `process.argv`) and gives the exit status: 0 done, 1 failed, 2 called wrongly. */
export async function run(argv: readonly string[], io: Omit<CommandIo, 'program'>): Promise<number> {
  const name = basename(argv[1] ?? '').startsWith('kubectl-') ? 'kubectl kflow' : 'kflow';
  const outcome = { status: 0 };
  try {
    await createProgram(name, { ...io, program: programToPaste(name, io.env) }, outcome).parseAsync([...argv]);
    return outcome.status;
  } catch (error) {
    // Commander has said what it has to say. Help and version "fail" with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // What was cut off by a signal has nothing more to say.
    if (io.signal.aborted) return 1;
    if (!(error instanceof UserError)) throw error;
    io.stderr(`${name}: ${printableArgument(error.message)}\n`);
    return error.exitCode;
  }
}

/** Line by line: an agent's or a server's words may be in it. A line's indentation stays. */
function printableArgument(message: string): string {
  return message
    .split('\n')
    .map((line) => (/^ */.exec(line)?.[0] ?? '') + sanitizeLine(line))
    .join('\n');
}
