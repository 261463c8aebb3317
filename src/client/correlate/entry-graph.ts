import { growArray } from '../../flow/grow-array.ts';
import type { Hop } from '../model/connection.ts';

/** No entry, no connection. */
export const NONE = -1;
/** The agent of a past hop, whose entry no agent has any more. See `past-hops.ts`. */
export const PAST = -1;

/**
 * The agents' tables as a graph. Its vertices are pairs: a protocol with source and destination, ports included; an entry leads from the pair by which packets enter
 * its node to the one by which they leave. Without NAT both are the same. An entry is a row of these columns.
 */
export class EntryGraph {
  /** Entries at or above this number have never existed. */
  end = 0;
  agent = new Int32Array(64);
  slot = new Int32Array(64);
  /** The flow's id in its agent's table. */
  flow = new Float64Array(64);
  zone = new Uint16Array(64);
  enter = new Int32Array(64);
  leave = new Int32Array(64);
  /** How often the tuple was reused. */
  generation = new Uint32Array(64);
  connection = new Int32Array(64);
  /** The next hop of the same connection. */
  next = new Int32Array(64);
  /** The built hops; undefined: it must be built. */
  hops: (Hop | undefined)[] = [];
  #nextEntering = new Int32Array(64);
  #nextLeaving = new Int32Array(64);
  // Linked in both directions: any number of entries may meet at a pair, and removing one must take constant time.
  #previousEntering = new Int32Array(64);
  #previousLeaving = new Int32Array(64);
  /** By pair: the first entry that enters by it, and the first translated entry that leaves by it. */
  #entering = new Int32Array(64).fill(NONE);
  #leaving = new Int32Array(64).fill(NONE);
  #free: number[] = [];

  /** Reserves memory for this many more. */
  reserve(more: number): void {
    const count = this.end + more;
    if (count > this.agent.length) this.#grow(Math.max(count, this.agent.length * 2));
    this.#growPairs(count);
  }

  add(agent: number, slot: number, flow: number, zone: number, enter: number, leave: number): number {
    const entry = this.#free.pop() ?? this.end++;
    if (entry >= this.agent.length) this.#grow(this.agent.length * 2);
    this.agent[entry] = agent;
    this.slot[entry] = slot;
    this.flow[entry] = flow;
    this.zone[entry] = zone;
    this.enter[entry] = enter;
    this.leave[entry] = leave;
    this.generation[entry] = 0;
    this.connection[entry] = NONE;
    this.next[entry] = NONE;
    this.hops[entry] = undefined;
    this.#growPairs(Math.max(enter, leave) + 1);
    link(this.#entering, this.#nextEntering, this.#previousEntering, enter, entry);
    if (enter !== leave) link(this.#leaving, this.#nextLeaving, this.#previousLeaving, leave, entry);
    return entry;
  }

  remove(entry: number): void {
    const enter = this.enter[entry] as number;
    const leave = this.leave[entry] as number;
    unlink(this.#entering, this.#nextEntering, this.#previousEntering, enter, entry);
    if (enter !== leave) unlink(this.#leaving, this.#nextLeaving, this.#previousLeaving, leave, entry);
    this.hops[entry] = undefined;
    this.connection[entry] = NONE;
    this.#free.push(entry);
  }

  isPast(entry: number): boolean {
    return this.agent[entry] === PAST;
  }

  firstEntering(pair: number): number {
    return this.#entering[pair] ?? NONE;
  }

  /** The only entry at a pair, if it is not translated; otherwise NONE. */
  only(pair: number): number {
    const entry = this.#entering[pair] ?? NONE;
    if (entry === NONE || this.leave[entry] !== pair || this.#leaving[pair] !== NONE) return NONE;
    return this.#nextEntering[entry] === NONE ? entry : NONE;
  }

  nextEntering(entry: number): number {
    return this.#nextEntering[entry] as number;
  }

  /** Only translated entries: the others are in the list of entering ones. */
  firstLeaving(pair: number): number {
    return this.#leaving[pair] ?? NONE;
  }

  nextLeaving(entry: number): number {
    return this.#nextLeaving[entry] as number;
  }

  #grow(length: number): void {
    this.agent = growArray(this.agent, length);
    this.slot = growArray(this.slot, length);
    this.flow = growArray(this.flow, length);
    this.zone = growArray(this.zone, length);
    this.enter = growArray(this.enter, length);
    this.leave = growArray(this.leave, length);
    this.generation = growArray(this.generation, length);
    this.connection = growArray(this.connection, length);
    this.next = growArray(this.next, length);
    this.#nextEntering = growArray(this.#nextEntering, length);
    this.#nextLeaving = growArray(this.#nextLeaving, length);
    this.#previousEntering = growArray(this.#previousEntering, length);
    this.#previousLeaving = growArray(this.#previousLeaving, length);
  }

  #growPairs(count: number): void {
    const length = this.#entering.length;
    if (count <= length) return;
    const longer = Math.max(count, length * 2);
    this.#entering = growArray(this.#entering, longer).fill(NONE, length);
    this.#leaving = growArray(this.#leaving, longer).fill(NONE, length);
  }
}

function link(heads: Int32Array, nexts: Int32Array, previous: Int32Array, pair: number, entry: number): void {
  const head = heads[pair] as number;
  nexts[entry] = head;
  previous[entry] = NONE;
  if (head !== NONE) previous[head] = entry;
  heads[pair] = entry;
}

function unlink(heads: Int32Array, nexts: Int32Array, previous: Int32Array, pair: number, entry: number): void {
  const after = nexts[entry] as number;
  const before = previous[entry] as number;
  if (before === NONE) heads[pair] = after;
  else nexts[before] = after;
  if (after !== NONE) previous[after] = before;
}

/**
 * A number for the agent and zone of an entry. An agent sees a connection once in a zone; it may pass several zones of a node.
 * Each past hop has its own number.
 */
export function observerId(entry: number, entries: EntryGraph): number {
  if (entries.isPast(entry)) return -1 - entry;
  return (entries.agent[entry] as number) * 0x1_0000 + (entries.zone[entry] as number);
}

/**
 * The connected pairs and entries around a pair. Usually that is one connection; `find-paths.ts` handles the other cases.
 */
export class Component {
  readonly pairs: number[] = [];
  readonly members: number[] = [];
  #seen = new Uint32Array(64);
  #mark = 1;

  /** Starts a new round, in which each pair may be collected again. */
  begin(): void {
    this.#mark++;
  }

  /** Allows these pairs to be collected again in this round. */
  release(pairs: readonly number[]): void {
    for (const pair of pairs) this.#seen[pair] = 0;
  }

  /** Collects the component of this pair. False: it was collected in this round already, or it is empty. */
  collect(pair: number, pairsEnd: number, entries: EntryGraph): boolean {
    if (this.#seen.length < pairsEnd) this.#seen = growArray(this.#seen, Math.ceil(pairsEnd * 1.5));
    this.pairs.length = 0;
    this.members.length = 0;
    if (this.#seen[pair] === this.#mark) return false;
    this.#visit(pair);
    for (let i = 0; i < this.pairs.length; i++) {
      const at = this.pairs[i] as number;
      for (let entry = entries.firstEntering(at); entry !== NONE; entry = entries.nextEntering(entry)) {
        this.members.push(entry);
        this.#visit(entries.leave[entry] as number);
      }
      for (let entry = entries.firstLeaving(at); entry !== NONE; entry = entries.nextLeaving(entry)) {
        this.#visit(entries.enter[entry] as number);
      }
    }
    return this.members.length > 0;
  }

  #visit(pair: number): void {
    if (this.#seen[pair] === this.#mark) return;
    this.#seen[pair] = this.#mark;
    this.pairs.push(pair);
  }
}
