import { basename } from 'node:path';
import { CommanderError } from 'commander';
import { sanitizeLine } from '../format/notices.ts';
import { programToPaste } from '../format/program-name.ts';
import { UserError } from '../session/user-error.ts';
import { createProgram } from './program.ts';
import type { CommandIo } from './shared/command-io.ts';

export { stderrWriter } from './shared/stderr.ts';

/** Runs a command line (as `process.argv`) and gives the exit status: 0 success, 1 error, 2 usage error. */
export async function run(argv: readonly string[], io: Omit<CommandIo, 'program'>): Promise<number> {
  const name = basename(argv[1] ?? '').startsWith('kubectl-') ? 'kubectl kflow' : 'kflow';
  const outcome = { status: 0 };
  try {
    await createProgram(name, { ...io, program: programToPaste(name, io.env) }, outcome).parseAsync([...argv]);
    return outcome.status;
  } catch (error) {
    // Commander has printed its message. Help and version "fail" with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // After a signal there is nothing more to print.
    if (io.signal.aborted) return 1;
    if (!(error instanceof UserError)) throw error;
    io.stderr(`${name}: ${printableArgument(error.message)}\n`);
    return error.exitCode;
  }
}

/** Sanitizes each line, because it may contain text of an agent or a server. The indentation stays. */
function printableArgument(message: string): string {
  return message
    .split('\n')
    .map((line) => (/^ */.exec(line)?.[0] ?? '') + sanitizeLine(line))
    .join('\n');
}
