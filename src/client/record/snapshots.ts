import type { Party, Snapshot } from '../model.ts';
import { Damaged } from './bytes.ts';
import { Input, type Numbered, Output } from './codec.ts';
import { readParty, SNAPSHOT } from './schema.ts';

/**
 * Writes snapshots as differences to the one before. A keyframe is the whole of the last snapshot, to begin reading at; it
 * numbers texts and parties anew, those in it alone, so that what is gone is forgotten.
 */
export class SnapshotWriter {
  readonly #out = new Output();
  #last: Snapshot | undefined;

  /** Valid until the next call. */
  difference(snapshot: Snapshot): Buffer {
    const { bytes } = this.#out;
    bytes.clear();
    SNAPSHOT.writeBody(this.#out, this.#last, snapshot);
    this.#last = snapshot;
    return bytes.bytes;
  }

  /** Of the snapshot of the last difference, or of this one. */
  keyframe(snapshot = this.#last): Buffer {
    if (snapshot === undefined) throw new Error('a keyframe of nothing');
    const fresh = new Output();
    SNAPSHOT.writeBody(fresh, undefined, snapshot);
    this.#out.adopt(fresh);
    this.#last = snapshot;
    return fresh.bytes.bytes;
  }
}

/**
 * Reads what a SnapshotWriter wrote. Objects that did not change are the same as in the snapshot before, as in a live
 * session. Throws Damaged; then the next keyframe is to be begun with.
 */
export class SnapshotReader {
  #last: Snapshot | undefined;
  #numbered: Numbered = { texts: [], shared: { objects: [], read: readParty } };

  /** A snapshot can be read without a keyframe before. */
  get isReady(): boolean {
    return this.#last !== undefined;
  }

  difference(payload: Buffer): Snapshot {
    if (this.#last === undefined) throw new Damaged('a difference to nothing');
    const last = this.#last;
    this.forget();
    this.#last = read(payload, this.#numbered, last);
    return this.#last;
  }

  /** Gives a snapshot where there was none before: else it has been read already. */
  keyframe(payload: Buffer): Snapshot | undefined {
    const last = this.#last;
    const known = new Map(this.#numbered.shared.objects.map((party) => [JSON.stringify(party), party]));
    const numbered: Numbered = {
      texts: [],
      shared: {
        objects: [],
        // What was known before stays the same object.
        read(input) {
          const party: Party = readParty(input);
          return known.get(JSON.stringify(party)) ?? party;
        },
      },
    };
    this.forget();
    const snapshot = read(payload, numbered, undefined);
    this.#numbered = { ...numbered, shared: { ...numbered.shared, read: readParty } };
    this.#last = last ?? snapshot;
    return last === undefined ? snapshot : undefined;
  }

  /** Begins anew at the next keyframe. */
  forget(): void {
    this.#last = undefined;
  }
}

function read(payload: Buffer, numbered: Numbered, base: Snapshot | undefined): Snapshot {
  const input = new Input(payload, numbered);
  const snapshot = SNAPSHOT.readBody(input, base);
  if (!input.bytes.isAtEnd) throw new Damaged('more than a snapshot');
  return snapshot;
}
