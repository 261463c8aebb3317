/** An interval in which an owner had a key. */
export interface OwnershipInterval<T> {
  readonly key: string;
  readonly owner: string;
  readonly from: number;
  /** Infinity: it still has it. */
  to: number;
  value: T;
}

interface Held<T> {
  /** In the order of `from`. */
  spans: OwnershipInterval<T>[];
  /** Before this time, forgotten owners had it. */
  forgottenTo: number;
}

export interface IntervalOptions<T> {
  readonly isSame: (a: T, b: T) => boolean;
  /** How long traces of the owner are seen after its end. */
  readonly afterMs: number;
  /** How much clocks may differ; it only matters if there was no owner before. */
  readonly beforeMs: number;
  /** The maximum of past intervals of all keys. */
  readonly maxEnded?: number;
}

/** The maximum for one key. */
const MAX_INTERVALS = 8;
const MAX_ENDED = 20_000;
/** Kubernetes reports the start in whole seconds and before the pod has its network: the previous owner may still have the address. */
const UNSETTLED_MS = 10_000;

/** More than one owner can be meant. */
export const SEVERAL: unique symbol = Symbol('several');

/**
 * The owners of keys over time. A key has one owner at a time: an interval ends at the latest soon after the next one begins. Past intervals
 * are kept up to a limit: the oldest is removed first, and its time is then unknown.
 */
export class Intervals<T> {
  readonly #held = new Map<string, Held<T>>();
  /** In the order in which they ended. */
  readonly #ended = new Set<OwnershipInterval<T>>();
  readonly #options: IntervalOptions<T>;
  #forgottenTo = Number.NEGATIVE_INFINITY;

  constructor(options: IntervalOptions<T>) {
    this.#options = options;
  }

  /**
   * `owner` has it since `from`; 0: since its previous owner lost it. A repeated call only replaces the value. `to`: it
   * no longer has it. Returns whether answers may have changed.
   */
  hold(owner: string, key: string, from: number, value: T, to: number = Number.POSITIVE_INFINITY): boolean {
    const held = this.#held.get(key) ?? { spans: [], forgottenTo: Number.NEGATIVE_INFINITY };
    const known = held.spans.findLast((span) => span.owner === owner);
    const isOver = known !== undefined && known.to !== Number.POSITIVE_INFINITY;
    const returns = isOver && to === Number.POSITIVE_INFINITY && known !== held.spans.at(-1);
    if (known !== undefined && !returns) {
      const renamed = !this.#options.isSame(known.value, value);
      if (renamed) known.value = value;
      return this.#end(known, to) || renamed;
    }
    const ends = [held.forgottenTo, ...held.spans.map((span) => span.to)].filter(Number.isFinite);
    const since = from > 0 && !returns ? from : Math.max(from, 0, ...ends);
    const after = held.spans.findIndex((span) => span.from > since);
    const span = { key, owner, from: since, to: Number.POSITIVE_INFINITY, value };
    held.spans.splice(after < 0 ? held.spans.length : after, 0, span);
    this.#held.set(key, held);
    this.#end(span, to);
    if (held.spans.length > MAX_INTERVALS) {
      const oldest = held.spans.find((one) => one.to !== Number.POSITIVE_INFINITY) ?? held.spans[0];
      if (oldest !== undefined) this.#forget(oldest);
    }
    return true;
  }

  /** The owner no longer has it. */
  release(owner: string, key: string, at: number): boolean {
    const span = this.#held.get(key)?.spans.findLast((one) => one.owner === owner);
    return span !== undefined && span.to === Number.POSITIVE_INFINITY && this.#end(span, at);
  }

  /** The owner at some time between these two: the only possible one, or SEVERAL. Equal times: at that time. */
  find(key: string, from: number, to: number): T | typeof SEVERAL | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    const { spans } = held;
    const last = spans.findLastIndex((span) => span.from <= to);
    if (last < 0) {
      const [first] = spans;
      if (first === undefined || first.from - to > this.#options.beforeMs) return undefined;
      // A forgotten owner may have had it.
      return from <= this.#forgottenAt(held) + this.#options.afterMs ? undefined : first.value;
    }
    const candidates = this.#candidates(spans, from, to, last);
    // Nothing is known about forgotten keys.
    const forgottenTo = from === Number.NEGATIVE_INFINITY ? held.forgottenTo : this.#forgottenAt(held);
    if (candidates === 1 && (from === to || forgottenTo <= from))
      return spans[this.#firstOf(spans, from, to, last)]?.value;
    return candidates === 0 ? undefined : SEVERAL;
  }

  /** The remembered owners that may have had it between these two. */
  all(key: string, from: number, to: number): readonly OwnershipInterval<T>[] {
    const spans = this.#held.get(key)?.spans ?? [];
    const last = spans.findLastIndex((span) => span.from <= to);
    return spans.filter((_, i) => this.#isCandidate(spans, i, from, to, last));
  }

  /** The current owner; if there is none, all remembered former owners. */
  holders(key: string): readonly T[] {
    const spans = this.#held.get(key)?.spans ?? [];
    const current = spans.filter(({ to }) => to === Number.POSITIVE_INFINITY);
    return (current.length > 0 ? current : spans).map(({ value }) => value);
  }

  get size(): number {
    let size = 0;
    for (const { spans } of this.#held.values()) size += spans.length;
    return size;
  }

  #candidates(spans: readonly OwnershipInterval<T>[], from: number, to: number, last: number): number {
    let count = 0;
    for (let i = 0; i <= last + 1 && i < spans.length; i++) if (this.#isCandidate(spans, i, from, to, last)) count++;
    return count;
  }

  #firstOf(spans: readonly OwnershipInterval<T>[], from: number, to: number, last: number): number {
    return spans.findIndex((_, i) => this.#isCandidate(spans, i, from, to, last));
  }

  /** `last`: the last one that began before `to`. */
  #isCandidate(spans: readonly OwnershipInterval<T>[], i: number, from: number, to: number, last: number): boolean {
    const span = spans[i] as OwnershipInterval<T>;
    if (i === last) return from <= span.to + this.#options.afterMs;
    if (i < last) return this.#endOf(spans, i) > from;
    // It had no owner at `to`, and by another clock the next owner may have had it.
    const before = spans[last];
    if (i > last + 1 || from === to || (before !== undefined && before.to >= to)) return false;
    return span.from - to <= this.#options.beforeMs;
  }

  #forgottenAt({ forgottenTo }: Held<T>): number {
    return Math.max(forgottenTo, this.#forgottenTo);
  }

  #endOf(spans: readonly OwnershipInterval<T>[], i: number): number {
    return Math.min(spans[i]?.to ?? 0, (spans[i + 1]?.from ?? Number.POSITIVE_INFINITY) + UNSETTLED_MS);
  }

  /** Returns whether this changed anything. */
  #end(span: OwnershipInterval<T>, at: number): boolean {
    const to = Math.max(at, span.from);
    if (span.to === to) return false;
    span.to = to;
    this.#ended.delete(span);
    if (to === Number.POSITIVE_INFINITY) return true;
    this.#ended.add(span);
    if (this.#ended.size > (this.#options.maxEnded ?? MAX_ENDED)) {
      const [oldest] = this.#ended;
      if (oldest !== undefined) {
        this.#forgottenTo = Math.max(this.#forgottenTo, oldest.to);
        this.#forget(oldest);
      }
    }
    return true;
  }

  #forget(span: OwnershipInterval<T>): void {
    this.#ended.delete(span);
    const held = this.#held.get(span.key);
    if (held === undefined) return;
    held.forgottenTo = Math.max(held.forgottenTo, this.#endOf(held.spans, held.spans.indexOf(span)));
    held.spans = held.spans.filter((one) => one !== span);
    if (held.spans.length === 0) this.#held.delete(span.key);
  }
}
