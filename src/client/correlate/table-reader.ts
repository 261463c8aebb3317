import { changesSince } from '../../flow/changes.ts';
import { MAX_ENTRIES_COMPARED } from '../model/limits.ts';
import { type EntryGraph, NONE } from './entry-graph.ts';
import { type AgentTable, TableCursor } from './table-cursor.ts';
import { isUntranslated, type TupleInterner } from './tuple-interner.ts';

/** Events for the correlator while tables are read. */
export interface EntryEvents {
  added(entry: number): void;
  /** Its counters or state changed. */
  updated(entry: number): void;
  /** It also has another id, its agent another node or status, or its tuple was reused: see `EntryGraph.generation`. */
  replaced(entry: number): void;
  /** Called before the entry is removed. */
  removed(entry: number): void;
  /** Called before this many entries are added. */
  reserve(count: number): void;
}

interface RemovedEntry {
  readonly agent: number;
  readonly leave: number;
  readonly zone: number;
  readonly generation: number;
}

/** Updates the entries from the agents' tables. */
export class TableReader {
  readonly agents: (TableCursor | undefined)[] = [];
  #byKey = new Map<string, TableCursor>();
  #entries: EntryGraph;
  #pairs: TupleInterner;
  #events: EntryEvents;
  /** Pairs of entries that were removed in this round. They are released at its end, so that a reused tuple finds its old number. */
  #released: number[] = [];
  /** Entries that were removed in this round, by their entering pair. */
  #removedEntries = new Map<number, RemovedEntry[]>();

  constructor(entries: EntryGraph, pairs: TupleInterner, events: EntryEvents) {
    this.#entries = entries;
    this.#pairs = pairs;
    this.#events = events;
  }

  read(inputs: readonly AgentTable[]): void {
    this.#reserve(inputs);
    const present = new Set<string>();
    for (const input of inputs) {
      if (present.has(input.key)) continue;
      present.add(input.key);
      this.#readOne(input);
    }
    for (const agent of [...this.#byKey.values()]) {
      if (present.has(agent.key)) continue;
      for (const entry of agent.entryOfSlot) if (entry !== NONE) this.#remove(entry);
      this.#byKey.delete(agent.key);
      this.agents[agent.number] = undefined;
    }
  }

  /** Many rows come at once with a new table: growing step by step would take longer than reading them. */
  #reserve(inputs: readonly AgentTable[]): void {
    let rows = 0;
    for (const { key, table } of inputs) if (this.#byKey.get(key)?.table !== table) rows += table.size;
    if (rows === 0) return;
    this.#entries.reserve(rows);
    this.#pairs.reserve(rows);
    this.#events.reserve(rows);
  }

  /** Call it when the round's paths are assigned. */
  finish(): void {
    for (const pair of this.#released) this.#pairs.release(pair);
    this.#released = [];
    this.#removedEntries.clear();
  }

  #readOne(input: AgentTable): void {
    let agent = this.#byKey.get(input.key);
    if (agent === undefined) {
      const free = this.agents.indexOf(undefined);
      agent = new TableCursor(input, free < 0 ? this.agents.length : free);
      this.#byKey.set(input.key, agent);
      this.agents[agent.number] = agent;
    }
    if (agent.node !== input.node || agent.stale !== input.stale) {
      const isRenamed = agent.node !== input.node;
      agent.node = input.node;
      agent.stale = input.stale;
      for (const [slot, entry] of agent.entryOfSlot.entries()) {
        if (entry === NONE) continue;
        if (isRenamed && this.#isOwn(entry)) this.#replace(agent, slot, entry);
        else this.#move(entry);
      }
    }
    if (agent.table !== input.table) this.#replaceTable(agent, input);
    else if (agent.cursor !== agent.table.version) this.#followTable(agent);
  }

  #followTable(agent: TableCursor): void {
    const { table } = agent;
    const before = agent.cursor;
    const changes = changesSince(table, before);
    agent.cursor = changes.to;
    agent.fitSlots();
    const { entryOfSlot } = agent;
    const { id, removedVersion, statsVersion, stateVersion } = table.columns;
    if (changes.snapshot || changes.removed.length > 0) {
      for (let slot = 0; slot < table.end; slot++) {
        const entry = entryOfSlot[slot] as number;
        if (entry === NONE) continue;
        const died = removedVersion[slot] as number;
        if (id[slot] === this.#entries.flow[entry] && (died === 0 || died > changes.to)) continue;
        entryOfSlot[slot] = NONE;
        this.#remove(entry);
      }
    }
    for (const slot of changes.added) {
      const entry = entryOfSlot[slot] as number;
      if (entry === NONE) entryOfSlot[slot] = this.#add(agent, slot);
      // Most rows of a repeated snapshot are known.
      else if ((statsVersion[slot] as number) > before || (stateVersion[slot] as number) > before) this.#touch(entry);
    }
    for (const slot of changes.updated) {
      const entry = entryOfSlot[slot] as number;
      if (entry !== NONE) this.#touch(entry);
    }
  }

  /** A new table after a reconnect. Entries whose tuples are still in it stay the same. */
  #replaceTable(agent: TableCursor, input: AgentTable): void {
    const before = agent.entryOfSlot;
    const replacement = new TableCursor(input, agent.number);
    this.#byKey.set(agent.key, replacement);
    this.agents[agent.number] = replacement;
    replacement.fitSlots();
    const changes = changesSince(replacement.table, 0);
    replacement.cursor = changes.to;
    const left = new Set<number>();
    for (const entry of before) if (entry !== NONE) left.add(entry);
    const fresh: number[] = [];
    for (const slot of changes.added) {
      const entry = this.#sameTuple(replacement, slot, left);
      if (entry === NONE) fresh.push(slot);
      else {
        left.delete(entry);
        this.#moveTo(entry, replacement, slot);
        replacement.entryOfSlot[slot] = entry;
      }
    }
    for (const entry of left) this.#remove(entry);
    for (const slot of fresh) replacement.entryOfSlot[slot] = this.#add(replacement, slot);
  }

  /** The entry among `left` that has the row's tuples and zone. */
  #sameTuple(agent: TableCursor, slot: number, left: ReadonlySet<number>): number {
    const entries = this.#entries;
    const { columns } = agent;
    const enter = this.#pairs.acquireEntering(columns, slot, agent.node);
    const leave = this.#pairs.acquireLeaving(columns, slot, agent.node);
    let found = NONE;
    let compared = 0;
    for (let entry = entries.firstEntering(enter); entry !== NONE; entry = entries.nextEntering(entry)) {
      if (left.has(entry) && entries.leave[entry] === leave && entries.zone[entry] === columns.zone[slot])
        found = entry;
      if (found !== NONE || ++compared === MAX_ENTRIES_COMPARED) break;
    }
    this.#pairs.release(enter);
    this.#pairs.release(leave);
    return found;
  }

  #moveTo(entry: number, agent: TableCursor, slot: number): void {
    const entries = this.#entries;
    const { columns } = agent;
    const hop = entries.hops[entry];
    const began =
      (hop?.sentBytes ?? 0) > columns.originalBytes.get(slot) ||
      (hop?.receivedBytes ?? 0) > columns.replyBytes.get(slot);
    if (began) entries.generation[entry] = (entries.generation[entry] as number) + 1;
    entries.slot[entry] = slot;
    entries.flow[entry] = columns.id[slot] as number;
    this.#move(entry);
  }

  #add(agent: TableCursor, slot: number): number {
    const { columns } = agent;
    const enter = this.#pairs.acquireEntering(columns, slot, agent.node);
    const leave = isUntranslated(columns, slot) ? enter : this.#pairs.acquireLeaving(columns, slot, agent.node);
    const zone = columns.zone[slot] as number;
    const entry = this.#entries.add(agent.number, slot, columns.id[slot] as number, zone, enter, leave);
    if (this.#removedEntries.size > 0) {
      const removed = this.#removedEntries
        .get(enter)
        ?.find((one) => one.agent === agent.number && one.leave === leave && one.zone === zone);
      if (removed) this.#entries.generation[entry] = removed.generation + 1;
    }
    this.#events.added(entry);
    return entry;
  }

  #isOwn(entry: number): boolean {
    const { enter, leave } = this.#entries;
    return this.#pairs.isNodeLocal(enter[entry] as number) || this.#pairs.isNodeLocal(leave[entry] as number);
  }

  /** Its addresses are now another node's. */
  #replace(agent: TableCursor, slot: number, entry: number): void {
    this.#remove(entry);
    agent.entryOfSlot[slot] = this.#add(agent, slot);
  }

  #touch(entry: number): void {
    this.#entries.hops[entry] = undefined;
    this.#events.updated(entry);
  }

  #move(entry: number): void {
    this.#entries.hops[entry] = undefined;
    this.#events.replaced(entry);
  }

  #remove(entry: number): void {
    const entries = this.#entries;
    this.#events.removed(entry);
    const enter = entries.enter[entry] as number;
    const leave = entries.leave[entry] as number;
    const removed = {
      agent: entries.agent[entry] as number,
      leave,
      zone: entries.zone[entry] as number,
      generation: entries.generation[entry] as number,
    };
    const others = this.#removedEntries.get(enter);
    if (others === undefined) this.#removedEntries.set(enter, [removed]);
    else if (others.length < MAX_ENTRIES_COMPARED) others.push(removed);
    entries.remove(entry);
    this.#released.push(enter);
    if (enter !== leave) this.#released.push(leave);
  }
}
