import type { Snapshot } from '../model.ts';
import { FIRST_LINE, KIND, Packer } from './frame.ts';
import { SnapshotWriter } from './snapshots.ts';

/** What a recording says of itself. */
export interface About {
  /** The version of kflow that wrote it. */
  readonly writer: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
}

export interface RecorderOptions {
  /** So many bytes of differences for each byte of a keyframe: keyframes are never more than a fifth of a recording. */
  readonly bytesPerKeyframe?: number;
  readonly leastBetweenKeyframes?: number;
}

/** Makes the bytes of a recording. Pure: whoever calls it writes them, in order, each piece whole. */
export class Recorder {
  readonly #writer = new SnapshotWriter();
  readonly #packer = new Packer();
  readonly #bytesPerKeyframe: number;
  readonly #leastBetweenKeyframes: number;
  #begun = false;
  #sinceKeyframe = 0;
  #keyframe = 0;

  constructor({ bytesPerKeyframe = 4, leastBetweenKeyframes = 32_768 }: RecorderOptions = {}) {
    this.#bytesPerKeyframe = bytesPerKeyframe;
    this.#leastBetweenKeyframes = leastBetweenKeyframes;
  }

  /** The first bytes of the file. */
  begin(about: About): Buffer {
    const words = Buffer.from(JSON.stringify(about));
    return Buffer.concat([Buffer.from(FIRST_LINE), new Packer().pack(KIND.about, 0, words)]);
  }

  /** `elapsedMs`: since the start, by a clock that does not jump. */
  take(snapshot: Snapshot, elapsedMs: number): Buffer {
    if (!this.#begun) {
      this.#begun = true;
      return this.#whole(elapsedMs, snapshot);
    }
    const frame = this.#packer.pack(KIND.difference, elapsedMs, this.#writer.difference(snapshot));
    this.#sinceKeyframe += frame.length;
    if (this.#sinceKeyframe < Math.max(this.#leastBetweenKeyframes, this.#keyframe * this.#bytesPerKeyframe))
      return frame;
    return Buffer.concat([frame, this.#whole(elapsedMs)]);
  }

  /** Says that the recording was ended, not cut off. */
  end(elapsedMs: number): Buffer {
    return new Packer().pack(KIND.end, elapsedMs, Buffer.alloc(0));
  }

  #whole(elapsedMs: number, snapshot?: Snapshot): Buffer {
    const frame = this.#packer.pack(KIND.keyframe, elapsedMs, this.#writer.keyframe(snapshot));
    this.#sinceKeyframe = 0;
    this.#keyframe = frame.length;
    return frame;
  }
}
