import { setImmediate } from 'node:timers/promises';
import { Observable } from 'rxjs';
import { formatNotices } from '../format/notices.ts';
import { formatPosition } from '../format/numbers.ts';
import { type CleanText, cleanPath, sentence } from '../format/sanitize.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { withUnanswered } from '../problems/unanswered-rule.ts';
import { type RecordedSnapshot, Recording } from '../recording/recording.ts';
import { describeFileError } from '../recording/recording-file.ts';
import type { Session, SessionIo } from './session.ts';
import { UserError } from './user-error.ts';

/** A recording for commands that print, as fast as its snapshots are read. */
export async function recordingSession(path: string, atMs: number | undefined, io: SessionIo): Promise<Session> {
  const recording = await openRecording(path, io);
  const { lengthMs } = recording;
  if (atMs !== undefined && atMs > lengthMs)
    io.stderr(
      formatNotices([
        `--at is behind the end of the recording, which is ${formatPosition(lengthMs)} long: this is its end`,
      ]),
    );
  return {
    snapshots$: from(playAll(recording, atMs ?? Number.NEGATIVE_INFINITY, io)),
    first$: from(playMoment(recording, atMs ?? Number.POSITIVE_INFINITY)),
    timeoutMs: 0,
    resolve: undefined,
    async close() {
      io.stderr(formatNotices(recordingNotices(recording)));
      await recording.close();
    },
  };
}

/** The snapshot at a position, then all later ones; each after the output of the previous one is flushed. */
async function* playAll(recording: Recording, fromMs: number, io: SessionIo): AsyncGenerator<Snapshot> {
  let held: RecordedSnapshot | undefined;
  for await (const moment of recording.snapshots(fromMs)) {
    if (held !== undefined && moment.elapsedMs > fromMs) {
      yield withUnanswered(held.snapshot);
      await io.flushed();
      await setImmediate();
    }
    held = moment;
  }
  if (held !== undefined) yield withUnanswered(held.snapshot);
}

async function* playMoment(recording: Recording, atMs: number): AsyncGenerator<Snapshot> {
  let held: RecordedSnapshot | undefined;
  for await (const moment of recording.snapshots(atMs)) {
    if (held !== undefined && moment.elapsedMs > atMs) break;
    held = moment;
  }
  if (held !== undefined) yield withUnanswered(held.snapshot);
}

/** As RxJS's `from`, but reading stops at unsubscribe. */
function from<T>(values: AsyncGenerator<T>): Observable<T> {
  return new Observable((subscriber) => {
    const run = async () => {
      for await (const value of values) {
        subscriber.next(value);
        if (subscriber.closed) return;
      }
      subscriber.complete();
    };
    run().catch((error) => subscriber.error(error));
  });
}

/** Throws a UserError that names the file. On a terminal it shows the progress if reading takes a while. */
export async function openRecording(path: string, io: SessionIo): Promise<Recording> {
  const shown = cleanPath(path);
  let reported = false;
  let recording: Recording;
  try {
    recording = await Recording.open(path, (share) => {
      io.signal.throwIfAborted();
      reported = true;
      io.progress?.(`reading ${shown}: ${Math.floor(share * 100)}%`);
    });
  } catch (error) {
    if (io.signal.aborted) throw error;
    throw new UserError(`${shown}: ${describeFileError(error)}`);
  } finally {
    if (reported) io.progress?.('');
  }
  if (!recording.isEmpty) return recording;
  await recording.close();
  throw new UserError(`${shown}: nothing was recorded before it ended`);
}

/** The damage that is known so far. */
export function recordingNotices(recording: Recording): CleanText[] {
  const { ending, damage } = recording;
  const lost = damage.size === 1 ? sentence`one stretch is` : sentence`${damage.size} stretches are`;
  return [
    ...(ending.kind === 'cut off'
      ? [sentence`the recording is incomplete (truncated or still being written); shown up to the last complete record`]
      : []),
    ...(damage.size > 0 ? [sentence`the recording is damaged: ${lost} left out`] : []),
  ];
}
