/**
 * Joins entries across SNAT and DNAT. An entry whose reply tuple is not the reverse of its original tuple was translated: it leads from one
 * pair (source and destination) to another. What leaves one node by a pair enters the next node by it.
 */
import { MAX_CONFLICTS_AT_PAIR, MAX_HOPS } from '../model/limits.ts';
import { type Component, type EntryGraph, NONE, observerId } from './entry-graph.ts';
import { ObserverSet } from './observer-set.ts';

/** Entries of one connection in packet order; `positions` has the index of the first entry at each position. */
export interface Path {
  readonly entries: readonly number[];
  readonly positions: readonly number[];
}

/**
 * One reading of the entries that meet at a pair: those that can be of one connection. An agent sees a connection once in each zone
 * at a pair, and the connection arrives by one translation and departs by one.
 */
interface CandidatePath {
  readonly zone: number;
  /** See `observerId`. */
  readonly observers: Set<number>;
  readonly arriving: number[];
  readonly staying: number[];
  readonly departing: number[];
  from: number;
  to: number;
  depth: number;
}

/**
 * The paths of a component with more than one reading: old entries of an earlier connection with the same pair,
 * circular translations. Entries that conflict become separate connections: of two that match equally well, `prefer` decides which one is joined. Circular
 * translations, and paths of more than `MAX_HOPS`, are not joined at all. The result depends on the entries only, not on the order in which they came.
 * `prefer` puts past hops last. Refused entries are left out. Undefined: a past hop makes the path circular, and must be dropped.
 */
export function findCandidatePaths(
  component: Component,
  entries: EntryGraph,
  prefer: (a: number, b: number) => number,
  isRefused: (entry: number) => boolean = () => false,
): Path[] | undefined {
  const entered = new Map<number, CandidatePath>();
  const left = new Map<number, CandidatePath>();
  for (const pair of component.pairs) {
    for (const candidate of candidatesAt(pair, entries, prefer, isRefused)) {
      for (const entry of candidate.arriving) left.set(entry, candidate);
      for (const entry of [...candidate.staying, ...candidate.departing]) entered.set(entry, candidate);
    }
  }
  const paths: Path[] = [];
  const done = new Set<CandidatePath>();
  for (const start of new Set([...entered.values(), ...left.values()])) {
    if (done.has(start)) continue;
    const candidates = connectedCandidates(start, entered, left);
    for (const candidate of candidates) done.add(candidate);
    const isPath = measureDepths(candidates, left);
    if (isPath && hasFewHops(candidates)) paths.push(pathThrough(candidates, prefer));
    else if (!isPath && candidates.some((candidate) => hasPastHop(candidate, entries))) return undefined;
    else for (const path of splitAtTranslations(candidates)) paths.push(path);
  }
  return paths;
}

function candidatesAt(
  pair: number,
  entries: EntryGraph,
  prefer: (a: number, b: number) => number,
  isRefused: (entry: number) => boolean,
): CandidatePath[] {
  const all: number[] = [];
  for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) all.push(entry);
  for (let entry = entries.firstLeaving(pair); entry !== NONE; entry = entries.nextLeaving(entry)) all.push(entry);
  const meeting = all.filter((entry) => !isRefused(entry)).sort(prefer);
  // Zones do not separate connections: one may pass several on each node. But if entries conflict, those of one zone are joined
  // first, then zones that do not conflict.
  const ofZones: CandidatePath[] = [];
  const byZone = new Map<number, CandidatePath[]>();
  const past: CandidatePath[] = [];
  for (const entry of meeting) {
    const one = candidateOf(entry, pair, entries);
    if (entries.isPast(entry)) {
      past.push(one);
      continue;
    }
    const ofZone = byZone.get(one.zone) ?? [];
    byZone.set(one.zone, ofZone);
    if (mergeIntoOne(ofZone, one)) continue;
    ofZone.push(one);
    ofZones.push(one);
  }
  const candidates: CandidatePath[] = [];
  // Past hops are added last, so that they do not change the join of current entries.
  for (const one of ofZones) if (!mergeIntoOne(candidates, one)) candidates.push(one);
  for (const one of past) if (!mergeIntoOne(candidates, one)) candidates.push(one);
  return candidates;
}

/**
 * Merges `one` into the first candidate without a conflict. Only `MAX_CONFLICTS_AT_PAIR` are tried: an agent may send any number of
 * conflicting entries, and the rest of them need not be joined.
 */
function mergeIntoOne(candidates: readonly CandidatePath[], one: CandidatePath): boolean {
  const count = Math.min(candidates.length, MAX_CONFLICTS_AT_PAIR);
  for (let i = 0; i < count; i++) if (merge(candidates[i] as CandidatePath, one)) return true;
  return false;
}

function candidateOf(entry: number, pair: number, entries: EntryGraph): CandidatePath {
  const enter = entries.enter[entry] as number;
  const leave = entries.leave[entry] as number;
  return {
    zone: entries.zone[entry] as number,
    observers: new Set([observerId(entry, entries)]),
    arriving: enter === pair ? [] : [entry],
    staying: enter === leave ? [entry] : [],
    departing: enter === pair && leave !== pair ? [entry] : [],
    from: enter === pair ? NONE : enter,
    to: leave === pair ? NONE : leave,
    depth: 0,
  };
}

/** Adds `other`, unless the two conflict. */
function merge(candidate: CandidatePath, other: CandidatePath): boolean {
  if (candidate.from !== NONE && other.from !== NONE && candidate.from !== other.from) return false;
  if (candidate.to !== NONE && other.to !== NONE && candidate.to !== other.to) return false;
  if (candidate.observers.size + other.observers.size > MAX_HOPS) return false;
  for (const observer of other.observers) if (candidate.observers.has(observer)) return false;
  for (const observer of other.observers) candidate.observers.add(observer);
  // No spread: the number of arguments of a call is limited.
  for (const entry of other.arriving) candidate.arriving.push(entry);
  for (const entry of other.staying) candidate.staying.push(entry);
  for (const entry of other.departing) candidate.departing.push(entry);
  if (candidate.from === NONE) candidate.from = other.from;
  if (candidate.to === NONE) candidate.to = other.to;
  return true;
}

/** The candidates that are connected to this one by translated entries. */
function connectedCandidates(
  start: CandidatePath,
  entered: Map<number, CandidatePath>,
  left: Map<number, CandidatePath>,
): CandidatePath[] {
  const candidates = new Set([start]);
  for (const candidate of candidates) {
    for (const entry of candidate.departing) candidates.add(left.get(entry) as CandidatePath);
    for (const entry of candidate.arriving) candidates.add(entered.get(entry) as CandidatePath);
  }
  return [...candidates];
}

/** Counts the translations before each candidate. False: they are circular. */
function measureDepths(candidates: readonly CandidatePath[], left: Map<number, CandidatePath>): boolean {
  const waiting = new Map(candidates.map((candidate) => [candidate, candidate.arriving.length]));
  const ready = candidates.filter((candidate) => candidate.arriving.length === 0);
  for (const candidate of ready) {
    for (const entry of candidate.departing) {
      const next = left.get(entry) as CandidatePath;
      next.depth = Math.max(next.depth, candidate.depth + 1);
      const missing = (waiting.get(next) as number) - 1;
      waiting.set(next, missing);
      if (missing === 0) ready.push(next);
    }
  }
  return ready.length === candidates.length;
}

function pathThrough(candidates: readonly CandidatePath[], prefer: (a: number, b: number) => number): Path {
  const placed = new Map<number, number[]>();
  const place = (at: number, members: readonly number[]) => {
    const others = placed.get(at);
    if (others === undefined) placed.set(at, [...members]);
    else for (const member of members) others.push(member);
  };
  for (const candidate of candidates) {
    place(candidate.depth * 2, candidate.staying);
    place(candidate.depth * 2 + 1, candidate.departing);
  }
  const entries: number[] = [];
  const positions: number[] = [];
  for (const [, members] of [...placed].sort(([a], [b]) => a - b)) {
    if (members.length === 0) continue;
    positions.push(entries.length);
    for (const member of members.sort(prefer)) entries.push(member);
  }
  return { entries, positions };
}

function hasPastHop({ arriving, staying, departing }: CandidatePath, entries: EntryGraph): boolean {
  return [...arriving, ...staying, ...departing].some((entry) => entries.isPast(entry));
}

/** Whether these have at most `MAX_HOPS`. */
function hasFewHops(candidates: readonly CandidatePath[]): boolean {
  let hops = 0;
  for (const { staying, departing } of candidates) hops += staying.length + departing.length;
  return hops <= MAX_HOPS;
}

/** Joins entries at the same pair, but not across translations. */
function splitAtTranslations(candidates: readonly CandidatePath[]): Path[] {
  const paths: Path[] = [];
  for (const candidate of candidates) {
    if (candidate.staying.length > 0) paths.push({ entries: candidate.staying, positions: [0] });
    for (const entry of candidate.departing) paths.push({ entries: [entry], positions: [0] });
  }
  return paths;
}

/**
 * The path of a component's packets from node to node, if there is only one reading: at each pair at most one
 * translation arrives and one departs, no agent has two entries in a zone, and it is not circular. Fills `path` with
 * entries in packet order, and `positions` with the start of each position. Returns false, with `path`
 * unfinished, in all other cases: see `findCandidatePaths`.
 */
export function findSimplePath(
  component: Component,
  entries: EntryGraph,
  path: number[],
  positions: number[],
): boolean {
  path.length = 0;
  positions.length = 0;
  if (component.members.length > MAX_HOPS) return false;
  let pair = NONE;
  for (const candidate of component.pairs) {
    if (!isUnambiguous(candidate, entries)) return false;
    if (entries.firstLeaving(candidate) !== NONE) continue;
    // Two beginnings would need a pair where two translations arrive, which is ambiguous.
    pair = candidate;
  }
  while (pair !== NONE) {
    positions.push(path.length);
    let departing = NONE;
    for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
      if (entries.leave[entry] === pair) path.push(entry);
      else departing = entries.leave[entry] as number;
    }
    if (departing === NONE) break;
    if (positions.at(-1) !== path.length) positions.push(path.length);
    for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
      if (entries.leave[entry] === departing) path.push(entry);
    }
    pair = departing;
  }
  if (positions.at(-1) === path.length) positions.pop();
  return path.length === component.members.length;
}

function isUnambiguous(pair: number, entries: EntryGraph): boolean {
  let from = NONE;
  let to = NONE;
  const seen = new ObserverSet();
  for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
    const leave = entries.leave[entry] as number;
    if (leave !== pair) {
      if (to !== NONE && to !== leave) return false;
      to = leave;
    }
    if (!seen.add(observerId(entry, entries))) return false;
  }
  for (let entry = entries.firstLeaving(pair); entry !== NONE; entry = entries.nextLeaving(entry)) {
    const enter = entries.enter[entry] as number;
    if (from !== NONE && from !== enter) return false;
    from = enter;
    if (!seen.add(observerId(entry, entries))) return false;
  }
  return true;
}
