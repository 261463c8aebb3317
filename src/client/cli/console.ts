import { usageError } from './failure.ts';
import type { CommandIo } from './io.ts';
import { openSource } from './source.ts';
import type { SourceOptions } from './source-options.ts';

/** Shows the console until its operator leaves. */
export async function showConsole(options: SourceOptions, io: CommandIo, name: string): Promise<number> {
  if (!io.isTerminal)
    throw usageError(`the console needs a terminal; \`${name} flows\` prints the same connections anywhere`);
  const [{ runConsole }, source] = await Promise.all([import('../view/console.ts'), openSource(options, io)]);
  try {
    return await runConsole({ snapshots$: source.snapshots$, signal: io.signal, env: io.env });
  } finally {
    await source.close();
  }
}
