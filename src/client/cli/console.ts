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
  const [{ runConsole }, { consoleOffers, EXAMPLE_RECORDING, runDemo }, source] = await Promise.all([
    import('../view/console.ts'),
    import('./offers.ts'),
    openSource(options, io),
  ]);
  const { offers, next, close } = consoleOffers(options.local === true, io.env);
  let status: number;
  try {
    status = await runConsole({ snapshots$: source.snapshots$, offers, signal: io.signal, env: io.env });
  } finally {
    close();
    await source.close();
  }
  if (next() === 'example') return replay(EXAMPLE_RECORDING, 0, 1, io);
  return next() === 'demo' ? runDemo(io.signal) : status;
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
