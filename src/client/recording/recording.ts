import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Snapshot } from '../model/snapshot.ts';
import { SnapshotDecoder } from './codec/snapshot-codec.ts';
import { FORMAT, FRAME_KIND, FrameEncoder, type FrameHeader, MAX_FIRST_LINE } from './frame.ts';
import { RecordingFrameReader } from './frame-reader.ts';

/** The file is not a recording, or not one that this version can read. */
export class InvalidRecordingError extends Error {
  override name = 'InvalidRecordingError';
}

export interface RecordedSnapshot {
  /** Milliseconds since the recording began. */
  readonly elapsedMs: number;
  readonly snapshot: Snapshot;
}

/** How a recording ends. */
export type RecordingEnd =
  | { readonly kind: 'ended' }
  /** The recorder was killed, or the end is lost. `bytes`: the length of the valid part. */
  | { readonly kind: 'cut off'; readonly bytes: number };

const EMPTY = 'empty: nothing was recorded';

interface Keyframe {
  readonly elapsedMs: number;
  readonly at: number;
}

/** A recording in a file; only the part that is being read is in memory. */
export class Recording {
  /** Unix time in milliseconds; undefined if it is not recorded. */
  readonly startedAt: number | undefined;
  readonly lengthMs: number;
  readonly ending: RecordingEnd;
  /** How many parts could not be read so far. */
  readonly damage = new Set<number>();
  readonly #file: FileHandle;
  readonly #keyframes: readonly Keyframe[];
  readonly #end: number;

  private constructor(file: FileHandle, found: Scanned) {
    this.#file = file;
    this.startedAt = found.startedAt;
    this.lengthMs = found.lengthMs;
    this.ending = found.ending;
    this.#keyframes = found.keyframes;
    this.#end = found.end;
  }

  /**
   * Reads the headers of all frames. `progress`: the part that is done, from 0 to 1. Throws InvalidRecordingError, or the file
   * system's error.
   */
  static async open(path: string, progress?: (share: number) => void): Promise<Recording> {
    // Opening a pipe without a writer blocks, and then no signal can end the process.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) throw new InvalidRecordingError('a directory');
      if (!stat.isFile()) throw new InvalidRecordingError('a pipe or a device: save the recording to a file first');
      // Kernel files (/proc/kmsg) have size 0, and reading them may block.
      if (stat.size === 0) throw new InvalidRecordingError(EMPTY);
      return new Recording(file, await scan(new RecordingFrameReader(file), stat.size, progress));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** It was ended before the first snapshot. */
  get isEmpty(): boolean {
    return this.#keyframes.length === 0;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Reads from the last keyframe at or before `fromMs`. Damaged parts are skipped up to the next keyframe. */
  async *snapshots(fromMs = 0): AsyncGenerator<RecordedSnapshot, void, undefined> {
    const frames = new RecordingFrameReader(this.#file);
    const packer = new FrameEncoder();
    const reader = new SnapshotDecoder();
    let at = (this.#keyframes.findLast(({ elapsedMs }) => elapsedMs <= fromMs) ?? this.#keyframes[0])?.at;
    while (at !== undefined && at < this.#end) {
      const frame = await frames.frameAt(at);
      if (frame === undefined) return;
      const { header } = frame;
      if (READ.has(header.kind) && (!DIFFERENCES.has(header.kind) || reader.isReady)) {
        const snapshot = readSnapshot(header, await frames.body(frame), packer, reader);
        if (snapshot === 'damaged') this.damage.add(at);
        else if (snapshot !== undefined) yield { elapsedMs: header.elapsedMs, snapshot };
      }
      at = frame.next;
    }
  }
}

const DIFFERENCES: ReadonlySet<number> = new Set([FRAME_KIND.difference, FRAME_KIND.differencePart]);
const READ: ReadonlySet<number> = new Set([
  ...DIFFERENCES,
  FRAME_KIND.keyframe,
  FRAME_KIND.keyframeBegins,
  FRAME_KIND.keyframeContinues,
  FRAME_KIND.keyframeEnds,
]);

function readSnapshot(head: FrameHeader, body: Buffer, packer: FrameEncoder, reader: SnapshotDecoder) {
  try {
    const payload = packer.unpack(head, body);
    if (head.kind === FRAME_KIND.difference) return reader.difference(payload);
    if (head.kind === FRAME_KIND.differencePart) {
      reader.difference(payload);
      return undefined;
    }
    if (head.kind === FRAME_KIND.keyframe || head.kind === FRAME_KIND.keyframeBegins) reader.beginKeyframe(payload);
    else if (!reader.continueKeyframe(payload)) return undefined;
    return head.kind === FRAME_KIND.keyframe || head.kind === FRAME_KIND.keyframeEnds
      ? reader.endKeyframe()
      : undefined;
  } catch {
    // Usually a CorruptDataError; but any other error of an invalid file also affects its frame only.
    reader.forget();
    return 'damaged';
  }
}

interface Scanned {
  readonly startedAt: number | undefined;
  readonly keyframes: readonly Keyframe[];
  readonly lengthMs: number;
  readonly ending: RecordingEnd;
  /** The end of the last complete frame. */
  readonly end: number;
}

const MAX_INFO_BYTES = 65_536;
/** The range of a Date. */
const MAX_TIME_MS = 8.64e15;
const PROGRESS_FRAMES = 16_384;

async function scan(file: RecordingFrameReader, size: number, progress?: (share: number) => void): Promise<Scanned> {
  let at = firstFrame(await file.bytes(0, MAX_FIRST_LINE));
  const keyframes: Keyframe[] = [];
  let startedAt: number | undefined;
  let lengthMs = 0;
  let ended = false;
  let begun = at;
  for (let count = 1; ; count++) {
    const frame = await file.frameAt(at);
    if (frame === undefined || frame.next > size) break;
    const { kind, elapsedMs } = frame.header;
    if (kind === FRAME_KIND.about && frame.header.bytes <= MAX_INFO_BYTES)
      startedAt ??= startOf(await file.body(frame));
    if (kind === FRAME_KIND.keyframe || kind === FRAME_KIND.keyframeBegins) begun = at;
    if (kind === FRAME_KIND.keyframe || kind === FRAME_KIND.keyframeEnds) keyframes.push({ elapsedMs, at: begun });
    lengthMs = Math.max(lengthMs, elapsedMs);
    ended = kind === FRAME_KIND.end;
    at = frame.next;
    if (count % PROGRESS_FRAMES === 0) progress?.(at / size);
  }
  const ending: RecordingEnd = ended && at === size ? { kind: 'ended' } : { kind: 'cut off', bytes: size - at };
  return { startedAt, keyframes, lengthMs, ending, end: at };
}

/** The offset of the first frame. */
function firstFrame(start: Buffer): number {
  const text = start.toString('latin1');
  const line = /^kflow recording (\d{1,9})\.(\d{1,9})\n/.exec(text);
  if (line === null) {
    const isCut = text.length < MAX_FIRST_LINE && 'kflow recording '.startsWith(text.slice(0, 16));
    throw new InvalidRecordingError(isCut ? EMPTY : 'not a recording of kflow (`kflow record` makes one)');
  }
  if (Number(line[1]) > FORMAT.major)
    throw new InvalidRecordingError(
      `its format ${line[1]}.${line[2]} is that of a newer kflow; this one reads up to ${FORMAT.major}.x: update kflow`,
    );
  return line[0].length;
}

function startOf(body: Buffer): number | undefined {
  try {
    const { startedAt } = JSON.parse(body.toString()) as { startedAt?: unknown };
    return typeof startedAt === 'number' && Math.abs(startedAt) <= MAX_TIME_MS ? startedAt : undefined;
  } catch {
    return undefined;
  }
}
