import type { Snapshot } from '../model/snapshot.ts';
import { SnapshotEncoder } from './codec/snapshot-codec.ts';
import { FIRST_LINE, FRAME_KIND, FrameEncoder } from './frame.ts';

/** A recording's information about itself. */
export interface RecordingInfo {
  /** The version of kflow that wrote it. */
  readonly writer: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
}

export interface RecorderOptions {
  /** Bytes of differences for each byte of a keyframe: keyframes take at most a fifth of a recording. */
  readonly bytesPerKeyframe?: number;
  readonly minBetweenKeyframes?: number;
  /** Connections per frame of a keyframe. */
  readonly maxInFrame?: number;
}

/** Encodes a recording. Pure: the caller writes the pieces in order, each completely. */
export class Recorder {
  readonly #writer = new SnapshotEncoder();
  readonly #packer = new FrameEncoder();
  readonly #bytesPerKeyframe: number;
  readonly #leastBetweenKeyframes: number;
  readonly #mostInFrame: number;
  #begun = false;
  #sinceKeyframe = 0;
  #keyframe = 0;

  constructor({ bytesPerKeyframe = 4, minBetweenKeyframes = 32_768, maxInFrame = 4096 }: RecorderOptions = {}) {
    this.#mostInFrame = maxInFrame;
    this.#bytesPerKeyframe = bytesPerKeyframe;
    this.#leastBetweenKeyframes = minBetweenKeyframes;
  }

  /** The first bytes of the file. */
  begin(info: RecordingInfo): Buffer {
    const words = Buffer.from(JSON.stringify(info));
    return Buffer.concat([Buffer.from(FIRST_LINE), new FrameEncoder().pack(FRAME_KIND.about, 0, words)]);
  }

  /** `elapsedMs`: since the start, by a monotonic clock. */
  take(snapshot: Snapshot, elapsedMs: number): Buffer {
    return Buffer.concat([...this.pieces(snapshot, elapsedMs)]);
  }

  /** The same in steps. Other work may run between two pieces, but no other snapshot may be recorded. */
  *pieces(snapshot: Snapshot, elapsedMs: number): Generator<Buffer, void> {
    if (!this.#begun) {
      this.#begun = true;
      yield* this.#whole(elapsedMs, snapshot);
      return;
    }
    const payloads = this.#writer.differences(snapshot);
    for (let one = payloads.next(); !one.done; ) {
      // Valid until the next piece, which shows whether this one is the last.
      const payload = Buffer.from(one.value);
      one = payloads.next();
      const frame = this.#packer.pack(one.done ? FRAME_KIND.difference : FRAME_KIND.differencePart, elapsedMs, payload);
      this.#sinceKeyframe += frame.length;
      yield frame;
    }
    if (this.#sinceKeyframe >= Math.max(this.#leastBetweenKeyframes, this.#keyframe * this.#bytesPerKeyframe))
      yield* this.#whole(elapsedMs, snapshot);
  }

  /** Marks the recording as complete, not truncated. */
  end(elapsedMs: number): Buffer {
    return new FrameEncoder().pack(FRAME_KIND.end, elapsedMs, Buffer.alloc(0));
  }

  *#whole(elapsedMs: number, snapshot: Snapshot): Generator<Buffer, void> {
    this.#sinceKeyframe = 0;
    this.#keyframe = 0;
    const { length } = snapshot.connections;
    const parts = Math.max(1, Math.ceil(length / this.#mostInFrame));
    let part = 0;
    for (const payload of this.#writer.keyframe(snapshot, this.#mostInFrame)) {
      part++;
      const kind =
        parts === 1
          ? FRAME_KIND.keyframe
          : part === 1
            ? FRAME_KIND.keyframeBegins
            : part === parts
              ? FRAME_KIND.keyframeEnds
              : FRAME_KIND.keyframeContinues;
      const frame = this.#packer.pack(kind, elapsedMs, payload);
      this.#keyframe += frame.length;
      yield frame;
    }
  }
}
