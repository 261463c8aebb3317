import { map } from 'rxjs';
import { usageError } from './failure.ts';
import type { CommandIo } from './io.ts';
import { openSource } from './source.ts';
import type { SourceOptions } from './source-options.ts';

/** Shows the console until its operator leaves. `speed`: of a recording. */
export async function showConsole(
  { recording, at, ...options }: SourceOptions,
  io: CommandIo,
  name: string,
  speed = 1,
): Promise<number> {
  if (!io.isTerminal) {
    const instead = recording === undefined ? 'flows' : `flows --recording ${recording}`;
    throw usageError(`the console needs a terminal; \`${name} ${instead}\` prints the same connections anywhere`);
  }
  if (recording !== undefined) return replay(recording, at, speed, io);
  const [{ runConsole }, source] = await Promise.all([import('../view/console.ts'), openSource(options, io)]);
  try {
    return await runConsole({ snapshots$: source.snapshots$, signal: io.signal, env: io.env });
  } finally {
    await source.close();
  }
}

async function replay(path: string, fromMs = 0, speed: number, io: CommandIo): Promise<number> {
  const [{ runConsole }, { Player }, { openRecording, recordingNotices }] = await Promise.all([
    import('../view/console.ts'),
    import('../record/player.ts'),
    import('./open-recording.ts'),
  ]);
  const recording = await openRecording(path, io);
  try {
    const player = new Player(recording, { fromMs, speed });
    const snapshots$ = player.snapshots$.pipe(
      map((snapshot) => ({ ...snapshot, notices: [...recordingNotices(recording), ...snapshot.notices] })),
    );
    return await runConsole({ snapshots$, playback: player, signal: io.signal, env: io.env });
  } finally {
    await recording.close();
  }
}
