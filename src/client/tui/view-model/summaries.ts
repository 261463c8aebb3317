import { type ChunkedWork, forEachChunked, runToEnd } from '../../async/chunked-work.ts';
import { formatState } from '../../format/connection.ts';
import { type Connection, isUnanswered } from '../../model/connection.ts';
import { sumRates, TrafficSummary } from '../../traffic/traffic.ts';

/** A summary of many connections. */
export interface Summary {
  /** The most frequent first. */
  readonly states: readonly (readonly [string, number])[];
  /** The heaviest first. */
  readonly groups: readonly (readonly [string, TrafficSummary])[];
  readonly heaviest: readonly Connection[];
}

interface Request {
  readonly connections: readonly Connection[];
  readonly name: string;
  readonly groupOf: (connection: Connection) => string;
}

/** More connections are summed up in slices, so that keys do not wait; until then the old sums are shown. */
const MAX_AT_ONCE = 10_000;
const MAX_REMEMBERED = 64;
const MAX_HEAVIEST = 5;
const NONE: Summary = { states: [], groups: [], heaviest: [] };

/** Sums for the details, cached per snapshot. */
export class Summaries {
  readonly #known = new WeakMap<readonly Connection[], Map<string, Summary>>();
  readonly #before = new Map<string, Summary>();
  readonly #matching = new WeakMap<object, Map<string, readonly Connection[]>>();
  #missing: Request | undefined;

  /** `name`: identifies the connections and their grouping. */
  of(connections: readonly Connection[], name: string, groupOf: (connection: Connection) => string): Summary {
    const known = this.#known.get(connections)?.get(name);
    if (known !== undefined) return known;
    if (connections.length <= MAX_AT_ONCE) return runToEnd(this.#sum({ connections, name, groupOf }));
    this.#missing ??= { connections, name, groupOf };
    return this.#before.get(name) ?? NONE;
  }

  /** The heaviest matching connections; cached by `key` for the same connections. */
  heaviest(
    connections: readonly Connection[],
    key: string,
    matches: (connection: Connection) => boolean,
  ): readonly Connection[] {
    return this.#found(connections, key, () => {
      const heaviest: Connection[] = [];
      for (const connection of connections) addHeaviest(heaviest, connection, matches);
      return heaviest;
    });
  }

  /** The matching connections; cached by `owner`. */
  matching(
    owner: object,
    connections: readonly Connection[],
    matches: (connection: Connection) => boolean,
  ): readonly Connection[] {
    return this.#found(owner, '', () => connections.filter(matches));
  }

  #found(owner: object, key: string, find: () => readonly Connection[]): readonly Connection[] {
    const known = this.#matching.get(owner) ?? new Map<string, readonly Connection[]>();
    this.#matching.set(owner, known);
    const found = known.get(key) ?? find();
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(key, found);
    return found;
  }

  /** Sums that were drawn are still missing. */
  get isMissing(): boolean {
    return this.#missing !== undefined;
  }

  /** Computes the sums that were missing at the last drawing. */
  *completeChunked(): ChunkedWork<void> {
    const missing = this.#missing;
    if (missing !== undefined) yield* this.#sum(missing);
    this.#missing = undefined;
  }

  *#sum({ connections, name, groupOf }: Request): ChunkedWork<Summary> {
    const states = new Map<string, number>();
    const groups = new Map<string, TrafficSummary>();
    const heaviest: Connection[] = [];
    yield* forEachChunked(connections, (connection) => {
      const state = isUnanswered(connection) ? '✗ no reply' : formatState(connection);
      states.set(state, (states.get(state) ?? 0) + 1);
      const key = groupOf(connection);
      const group = groups.get(key) ?? new TrafficSummary();
      groups.set(key, group);
      group.add(connection);
      addHeaviest(heaviest, connection, () => true);
    });
    const summary: Summary = {
      states: [...states].sort(([, a], [, b]) => b - a),
      groups: [...groups].sort(([, a], [, b]) => (b.rate ?? 0) - (a.rate ?? 0) || b.connections - a.connections),
      heaviest,
    };
    const known = this.#known.get(connections) ?? new Map<string, Summary>();
    this.#known.set(connections, known);
    known.set(name, summary);
    if (connections.length > MAX_AT_ONCE) {
      if (this.#before.size >= MAX_REMEMBERED) this.#before.clear();
      this.#before.set(name, summary);
    }
    return summary;
  }
}

/** Keeps the list sorted and short. */
function addHeaviest(heaviest: Connection[], connection: Connection, matches: (one: Connection) => boolean): void {
  const last = heaviest[MAX_HEAVIEST - 1];
  if (last !== undefined && rank(connection) <= rank(last)) return;
  if (!matches(connection)) return;
  heaviest.push(connection);
  heaviest.sort((a, b) => rank(b) - rank(a));
  heaviest.length = Math.min(heaviest.length, MAX_HEAVIEST);
}

/** Without traffic, unanswered connections come first. */
function rank(connection: Connection): number {
  return (sumRates(connection) ?? 0) + (isUnanswered(connection) ? 0.5 : 0);
}
