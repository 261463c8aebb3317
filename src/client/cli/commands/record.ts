import { lastValueFrom, map, merge, takeUntil, tap, throttle } from 'rxjs';
import { version } from '../../../version.ts';
import { longTimer } from '../../async/long-timer.ts';
import type { ConnectionPredicate } from '../../filter/field.ts';
import { formatNotices } from '../../format/notices.ts';
import { formatBytes, formatCount, formatPosition } from '../../format/numbers.ts';
import { type CleanText, cleanPath, sentence } from '../../format/sanitize.ts';
import { shellCommand } from '../../format/shell-command.ts';
import { usedAgents } from '../../model/agent.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { Recorder } from '../../recording/recorder.ts';
import {
  describeFileError,
  RecordingFile,
  type RecordingSink,
  RecordingStream,
} from '../../recording/recording-file.ts';
import { openSession } from '../../session/open-session.ts';
import type { Session, SessionOptions } from '../../session/session.ts';
import { UserError, usageError } from '../../session/user-error.ts';
import { whenAborted } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { StatusReporter } from '../shared/status-reporter.ts';
import { formatNamespaceFilter, parseFilterArguments } from './flows-query.ts';

/** This file name means standard output. */
const STDOUT = '-';

export interface RecordOptions {
  /** "-": standard output. */
  readonly file: string;
  /** Overwrite it. */
  readonly force: boolean;
  /** Absent: until it is aborted. */
  readonly durationMs?: number;
  /** A filter expression: only matching connections are recorded. */
  readonly filter?: string;
  readonly source: SessionOptions;
}

/** Writes snapshots to a file until the duration is over or it is aborted. Throws a usage error for an invalid filter. */
export async function record(options: RecordOptions, io: CommandIo): Promise<number> {
  if (options.source.recording !== undefined)
    throw usageError('--recording is not supported by record: that is a recording already');
  const terms = [formatNamespaceFilter(options.source), options.filter ?? ''].filter(Boolean).join(' ');
  const fits = terms === '' ? undefined : parseFilterArguments(terms);
  const source = await openSession(options.source, io);
  try {
    const file = await createSink(options, io);
    const session = new RecordedSession(options.file, file, fits);
    try {
      await session.run(source, options.durationMs, io);
      await file.close();
    } catch (error) {
      await file.close().catch(() => {});
      throw new UserError(`${session.name}: ${describeFileError(error)}: ${session.kept}`);
    } finally {
      io.progress?.('');
    }
    io.stderr(formatNotices([`${session.name}: ${session.kept}`]));
    return 0;
  } finally {
    await source.close();
  }
}

async function createSink({ file, force }: RecordOptions, { stdoutBytes, signal }: CommandIo): Promise<RecordingSink> {
  if (file === STDOUT) {
    if (stdoutBytes === undefined)
      throw usageError(
        'standard output is a terminal, and a recording is binary: `kflow record - > FILE`, or name a file',
      );
    return new RecordingStream(stdoutBytes);
  }
  try {
    return await RecordingFile.create(file, force, signal);
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new UserError(
      `${cleanPath(file)}: ${exists ? 'file exists; use --force to overwrite it' : describeFileError(error)}`,
    );
  }
}

class RecordedSession {
  /** Of the file, for messages. */
  readonly name: CleanText;
  readonly #replay: string;
  readonly #file: RecordingSink;
  readonly #fits: ConnectionPredicate | undefined;
  readonly #recorder = new Recorder();
  readonly #reporter = new StatusReporter();
  /** When the first snapshot came. */
  #start: number | undefined;
  #records = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(name: string, file: RecordingSink, fits: ConnectionPredicate | undefined) {
    this.#fits = fits;
    this.name = name === STDOUT ? sentence`standard output` : cleanPath(name);
    // A name that must be sanitized cannot be pasted.
    this.#replay = this.name === name ? `: ${shellCommand(['kflow', 'replay', name]).text}` : '';
    this.#file = file;
  }

  /** A sentence about what the file contains. */
  get kept(): string {
    if (this.#records === 0) return 'nothing was recorded';
    const length = `${formatPosition(this.#elapsed)} recorded, ${formatBytes(this.#file.bytes)}`;
    return this.#file instanceof RecordingFile ? `${length}${this.#replay}` : length;
  }

  get #elapsed(): number {
    return this.#start === undefined ? 0 : performance.now() - this.#start;
  }

  async run({ snapshots$ }: Session, durationMs: number | undefined, io: CommandIo): Promise<void> {
    await this.#file.append(this.#recorder.begin({ writer: version(), startedAt: Date.now() }));
    io.progress?.('waiting for agents · Ctrl-C ends it');
    const aborted$ = whenAborted(io.signal);
    const recorded$ = snapshots$.pipe(
      takeUntil(durationMs === undefined ? aborted$ : merge(aborted$, longTimer(durationMs))),
      // A slow disk gets fewer, merged changes, never a queue.
      throttle(() => this.#writing, { leading: true, trailing: true }),
      map((snapshot) => this.#fitting(snapshot)),
      tap((snapshot) => {
        this.#writing = this.#take(snapshot);
        io.stderr(this.#reporter.report(snapshot));
        io.progress?.(this.#progress(snapshot));
      }),
    );
    await lastValueFrom(recorded$, { defaultValue: undefined });
    await this.#writing;
    await this.#file.append(this.#recorder.end(this.#elapsed));
  }

  #fitting(snapshot: Snapshot): Snapshot {
    const fits = this.#fits;
    if (fits === undefined) return snapshot;
    return { ...snapshot, connections: snapshot.connections.filter((one) => fits(one, snapshot.at)) };
  }

  async #take(snapshot: Snapshot): Promise<void> {
    this.#start ??= performance.now();
    for (const piece of this.#recorder.pieces(snapshot, this.#elapsed)) await this.#file.append(piece);
    this.#records++;
  }

  #progress({ agents, connections }: Snapshot): string {
    const live = agents.filter(({ status }) => status.kind === 'live').length;
    return [
      `recording ${this.name}`,
      formatPosition(this.#elapsed),
      `${live}/${usedAgents(agents).length} agents`,
      `${formatCount(connections.length)} connections`,
      formatBytes(this.#file.bytes),
      'Ctrl-C ends it',
    ].join(' · ');
  }
}
