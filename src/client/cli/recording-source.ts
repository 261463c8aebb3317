import { setImmediate } from 'node:timers/promises';
import { Observable } from 'rxjs';
import type { Snapshot } from '../model.ts';
import { withUnanswered } from '../problems/unanswered.ts';
import type { Moment, Recording } from '../record/recording.ts';
import { formatPosition } from '../table/format.ts';
import type { CommandIo } from './io.ts';
import { openRecording, recordingNotices } from './open-recording.ts';
import type { DataSource } from './source.ts';
import { noticeLines } from './words.ts';

/** A recording, as fast as what it gives is taken: for commands that print. */
export async function recordingSource(path: string, atMs: number | undefined, io: CommandIo): Promise<DataSource> {
  const recording = await openRecording(path, io);
  const { lengthMs } = recording;
  if (atMs !== undefined && atMs > lengthMs)
    io.err(
      noticeLines([
        `--at is behind the end of the recording, which is ${formatPosition(lengthMs)} long: this is its end`,
      ]),
    );
  return {
    snapshots$: from(playAll(recording, atMs ?? Number.NEGATIVE_INFINITY, io)),
    moment$: from(playMoment(recording, atMs ?? Number.POSITIVE_INFINITY)),
    timeoutMs: 0,
    resolve: undefined,
    async close() {
      io.err(noticeLines(recordingNotices(recording)));
      await recording.close();
    },
  };
}

/** What there is at a moment, then all that follows; each when what was printed of the one before is on its way. */
async function* playAll(recording: Recording, fromMs: number, io: CommandIo): AsyncGenerator<Snapshot> {
  let held: Moment | undefined;
  for await (const moment of recording.moments(fromMs)) {
    if (held !== undefined && moment.elapsedMs > fromMs) {
      yield withUnanswered(held.snapshot);
      await io.drained();
      await setImmediate();
    }
    held = moment;
  }
  if (held !== undefined) yield withUnanswered(held.snapshot);
}

async function* playMoment(recording: Recording, atMs: number): AsyncGenerator<Snapshot> {
  let held: Moment | undefined;
  for await (const moment of recording.moments(atMs)) {
    if (held !== undefined && moment.elapsedMs > atMs) break;
    held = moment;
  }
  if (held !== undefined) yield withUnanswered(held.snapshot);
}

/** As RxJS's own, but nothing is read any more once nobody listens. */
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
