import { commandAdapter } from '../../kubernetes/same-cluster.ts';
import type { RecordedSnapshot } from '../../recording/recording.ts';
import { openSession } from '../../session/open-session.ts';
import { kubeOptions, type Session, type SessionOptions } from '../../session/session.ts';
import type { ConsoleOptions } from '../../tui/console.ts';
import type { ConsoleStatus } from '../../tui/console-status.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { StatusFile } from '../shared/status-file.ts';
import { formatNamespaceFilter } from './flows-query.ts';

export interface ConsoleFlags {
  /** Of a recording. */
  readonly speed?: number;
  /** A file to which the console's status is written as a line of JSON each second. */
  readonly debugStatus?: string;
}

/** Shows the console until the operator quits; without a terminal, prints the overview once. */
export async function showConsole(
  sourceOptions: SessionOptions,
  io: CommandIo,
  { speed, debugStatus }: ConsoleFlags = {},
): Promise<number> {
  if (!io.isTerminal) {
    const { overview } = await import('./overview.ts');
    return overview(sourceOptions, io);
  }
  const { recording, at, ...options } = sourceOptions;
  const statusFile = debugStatus === undefined ? undefined : await StatusFile.open(debugStatus, io.signal);
  const common = {
    signal: io.signal,
    env: io.env,
    adaptCommand: commandAdapter({ ...kubeOptions(sourceOptions), program: io.program }),
    ...(statusFile === undefined ? {} : { status: (status: ConsoleStatus) => statusFile.write(status) }),
  };
  const filter = formatNamespaceFilter(sourceOptions);
  try {
    return await (recording === undefined
      ? watch(options, filter, io, common)
      : replay(recording, at, speed, io, { ...common, filter }));
  } finally {
    await statusFile?.close();
  }
}

type Common = Pick<ConsoleOptions, 'signal' | 'env' | 'status' | 'filter' | 'adaptCommand'>;

async function watch(options: SessionOptions, filter: string, io: CommandIo, common: Common): Promise<number> {
  const [{ runConsole }, { suggestActions, EXAMPLE_RECORDING, runDemo }, source] = await Promise.all([
    import('../../tui/console.ts'),
    import('./console-actions.ts'),
    openSession(options, io),
  ]);
  const { actions, next, close } = suggestActions(options.local === true, io.env);
  let status: number;
  try {
    status = await runConsole({
      ...common,
      filter,
      snapshots$: source.snapshots$,
      suggestedActions: actions,
      ...resolving(source, options),
    });
  } finally {
    close();
    await source.close();
  }
  if (next() === 'example') return replay(EXAMPLE_RECORDING, 0, 1, io, common);
  return next() === 'demo' ? runDemo(io.signal) : status;
}

/** How the console switches reverse DNS, and whether it is on at the start. */
function resolving({ resolve }: Session, options: SessionOptions): Pick<ConsoleOptions, 'resolve'> {
  return resolve === undefined ? {} : { resolve: { initial: options.resolve === true, set: resolve } };
}

async function replay(path: string, fromMs = 0, speed = 1, io: CommandIo, common: Common): Promise<number> {
  const [{ runConsole }, { Player }, { openRecording, recordingNotices }] = await Promise.all([
    import('../../tui/console.ts'),
    import('../../recording/player.ts'),
    import('../../session/recording-session.ts'),
  ]);
  const recording = await openRecording(path, io);
  async function* moments(from?: number): AsyncGenerator<RecordedSnapshot, void> {
    for await (const { elapsedMs, snapshot } of recording.snapshots(from)) {
      const notices = [...recordingNotices(recording), ...snapshot.notices];
      yield { elapsedMs, snapshot: { ...snapshot, notices } };
    }
  }
  try {
    const player = new Player({ lengthMs: recording.lengthMs, snapshots: moments }, { fromMs, speed });
    return await runConsole({ ...common, snapshots$: player.snapshots$, playback: player });
  } finally {
    await recording.close();
  }
}
