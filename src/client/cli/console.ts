import { map } from 'rxjs';
import type { CommandIo } from './io.ts';
import { openSource } from './source.ts';
import type { SourceOptions } from './source-options.ts';

/** Shows the console until its operator leaves; the overview, once, where there is no terminal. `speed`: of a recording. */
export async function showConsole(sourceOptions: SourceOptions, io: CommandIo, speed = 1): Promise<number> {
  if (!io.isTerminal) {
    const { overview } = await import('./overview.ts');
    return overview(sourceOptions, io);
  }
  const { recording, at, ...options } = sourceOptions;
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
