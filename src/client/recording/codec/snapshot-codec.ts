import type { Endpoint } from '../../model/connection.ts';
import { MAX_FRAME_CONNECTIONS } from '../../model/limits.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { CorruptDataError } from './bytes.ts';
import { Decoder, Encoder, type InternTable } from './codec.ts';
import { readEndpoint, SNAPSHOT } from './schema.ts';

/**
 * Writes snapshots as differences to the one before. A keyframe is the whole of the last snapshot, to begin reading at; it
 * numbers texts and endpoints again, those in it alone, so that what is gone is forgotten.
 */
export class SnapshotEncoder {
  readonly #out = new Encoder();
  #last: Snapshot | undefined;

  /** Valid until the next call. */
  difference(snapshot: Snapshot): Buffer {
    const { bytes } = this.#out;
    bytes.clear();
    SNAPSHOT.writeBody(this.#out, this.#last, snapshot);
    this.#last = snapshot;
    return bytes.bytes;
  }

  /**
   * The same in as many parts as it takes, each with at most `most` connections that are new or changed. Each but the last
   * leads to a snapshot of new and old connections, which must not be shown. Each one is valid until the next.
   */
  *differences(snapshot: Snapshot, most = MAX_FRAME_CONNECTIONS): Generator<Buffer, void> {
    const before = this.#last?.connections ?? [];
    const { connections } = snapshot;
    let changed = 0;
    for (let i = 0; i < connections.length; i++) {
      if (connections[i] === before[i] || ++changed <= most) continue;
      changed = 1;
      yield this.difference({ ...snapshot, connections: [...connections.slice(0, i), ...before.slice(i)] });
    }
    yield this.difference(snapshot);
  }

  /** A keyframe of the last snapshot, or of this one. In parts of this many connections; each one is valid until the next. */
  *keyframe(snapshot = this.#last, most = Number.POSITIVE_INFINITY): Generator<Buffer, void> {
    if (snapshot === undefined) throw new Error('a keyframe of nothing');
    const { connections } = snapshot;
    const fresh = new SnapshotEncoder();
    for (let to = most; ; to += most) {
      yield fresh.difference({ ...snapshot, connections: connections.slice(0, to) });
      if (to >= connections.length) break;
    }
    this.#out.adopt(fresh.#out);
    this.#last = snapshot;
  }
}

/**
 * Reads the output of a SnapshotEncoder. Unchanged objects are the same as in the previous snapshot, as in a live
 * session. Throws CorruptDataError; then continue at the next keyframe.
 */
export class SnapshotDecoder {
  #last: Snapshot | undefined;
  #numbered: InternTable = { texts: [], shared: { objects: [], read: readEndpoint }, characters: 0 };
  /** A keyframe whose parts have not all been read yet. */
  #keyframe: SnapshotDecoder | undefined;

  /** A snapshot can be read without a keyframe before. */
  get isReady(): boolean {
    return this.#last !== undefined;
  }

  difference(payload: Buffer): Snapshot {
    if (this.#last === undefined) throw new CorruptDataError('a difference to nothing');
    const last = this.#last;
    this.#last = undefined;
    this.#last = read(payload, this.#numbered, last);
    return this.#last;
  }

  /** The first part of a keyframe, or all of it. */
  beginKeyframe(payload: Buffer): void {
    const last = this.#last;
    const known = new Map(this.#numbered.shared.objects.map((endpoint) => [JSON.stringify(endpoint), endpoint]));
    this.forget();
    const keyframe = new SnapshotDecoder();
    keyframe.#numbered.shared.read = (input) => {
      const endpoint: Endpoint = readEndpoint(input);
      // Known objects stay the same.
      return known.get(JSON.stringify(endpoint)) ?? endpoint;
    };
    keyframe.#last = read(payload, keyframe.#numbered, undefined);
    this.#keyframe = keyframe;
    this.#last = last;
  }

  /** A part of a keyframe that was begun has been read; false: it was damaged, and so is what follows. */
  continueKeyframe(payload: Buffer): boolean {
    this.#keyframe?.difference(payload);
    return this.#keyframe !== undefined;
  }

  /** Gives a snapshot where there was none before: else it has been read already. */
  endKeyframe(): Snapshot | undefined {
    const keyframe = this.#keyframe;
    this.#keyframe = undefined;
    if (keyframe === undefined) return undefined;
    this.#numbered = keyframe.#numbered;
    this.#numbered.shared.read = readEndpoint;
    if (this.#last !== undefined) return undefined;
    this.#last = keyframe.#last;
    return this.#last;
  }

  /** Restarts at the next keyframe. */
  forget(): void {
    this.#last = undefined;
    this.#keyframe = undefined;
  }
}

function read(payload: Buffer, numbered: InternTable, base: Snapshot | undefined): Snapshot {
  const input = new Decoder(payload, numbered);
  const snapshot = SNAPSHOT.readBody(input, base);
  if (!input.bytes.isAtEnd) throw new CorruptDataError('more than a snapshot');
  return snapshot;
}
