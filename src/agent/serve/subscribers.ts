import type { FlowTable } from '../../flow/flow-table.ts';

/** A subscriber that reads the table: `version` is the one that it has, or is in the midst of. Undefined: none yet. */
export interface Subscriber {
  readonly version: number | undefined;
  /** Ends it, with the reason. */
  end(reason: string): void;
}

/** Who reads the table now. */
export class Subscribers {
  readonly #all = new Set<Subscriber>();

  get count(): number {
    return this.#all.size;
  }

  add(subscriber: Subscriber): void {
    this.#all.add(subscriber);
  }

  delete(subscriber: Subscriber): void {
    this.#all.delete(subscriber);
  }

  /** The version that all of them have: nobody needs to hear again of what was removed up to it. */
  passed(table: FlowTable): number {
    let least = table.version;
    for (const { version } of this.#all) if (version !== undefined && version < least) least = version;
    return least;
  }

  endAll(reason: string): void {
    for (const subscriber of [...this.#all]) subscriber.end(reason);
  }
}
