import { type CleanText, cleanPath, sentence } from '../format/sanitize.ts';
import { Recording } from '../record/recording.ts';
import { Failure } from './failure.ts';
import { fileFault } from './file-fault.ts';
import type { CommandIo } from './io.ts';

/** Throws a Failure that names the file. Says on a terminal how far it is, where that takes a while. */
export async function openRecording(path: string, io: CommandIo): Promise<Recording> {
  const shown = cleanPath(path);
  let told = false;
  let recording: Recording;
  try {
    recording = await Recording.open(path, (share) => {
      io.signal.throwIfAborted();
      told = true;
      io.progress?.(`reading ${shown}: ${Math.floor(share * 100)}%`);
    });
  } catch (error) {
    if (io.signal.aborted) throw error;
    throw new Failure(`${shown}: ${fileFault(error)}`);
  } finally {
    if (told) io.progress?.('');
  }
  if (!recording.isEmpty) return recording;
  await recording.close();
  throw new Failure(`${shown}: nothing was recorded before it ended`);
}

/** What is wrong with it, as far as is known yet. */
export function recordingNotices(recording: Recording): CleanText[] {
  const { ending, damage } = recording;
  const lost = damage.size === 1 ? sentence`one stretch is` : sentence`${damage.size} stretches are`;
  return [
    ...(ending.kind === 'cut off'
      ? [
          sentence`the recording has no end: it was cut off, or is still being written; this is up to its last whole record`,
        ]
      : []),
    ...(damage.size > 0 ? [sentence`the recording is damaged: ${lost} left out`] : []),
  ];
}
