import { MAX_CONFLICTS_AT_PAIR, MAX_HOPS } from '../model/limits.ts';
import { type Component, type EntryGraph, NONE, sightOf } from './entry-graph.ts';

/** Entries of one connection in the order of the packets' way; `places` says where in it each place begins. */
export interface Path {
  readonly entries: readonly number[];
  readonly positions: readonly number[];
}

/**
 * One reading of what meets at a pair: entries that can be of one connection. An agent sees a connection once in each zone
 * at a pair, it comes there by one translation, and leaves by one.
 */
interface CandidatePath {
  readonly zone: number;
  /** Agents and the zones in which they see it, a number each. */
  readonly sights: Set<number>;
  readonly arriving: number[];
  readonly staying: number[];
  readonly departing: number[];
  from: number;
  to: number;
  depth: number;
}

/**
 * The paths of a component that has more than one reading: leftovers of an earlier connection that used the same pair,
 * translations that go in a circle. What conflicts is kept apart: of two that fit equally well, the one that `prefer` puts first is joined, the other is a connection of its own. Translations in a
 * circle, and more hops than a connection has, are not joined at all. The result depends on the entries only, not on the order in which they came.
 * `prefer` puts kept origins last. What is refused is left out. Undefined: one of them closes a circle, and is to be forgotten.
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
    const candidates = connected(start, entered, left);
    for (const candidate of candidates) done.add(candidate);
    const isPath = measureDepths(candidates, left);
    if (isPath && isShort(candidates)) paths.push(pathThrough(candidates, prefer));
    else if (!isPath && candidates.some((candidate) => hasKept(candidate, entries))) return undefined;
    else for (const path of split(candidates)) paths.push(path);
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
  // Zones do not tell connections apart: one may pass several on each node. But of what conflicts, what is of one zone goes
  // together first, then zones that do not conflict.
  const ofZones: CandidatePath[] = [];
  const byZone = new Map<number, CandidatePath[]>();
  const kept: CandidatePath[] = [];
  for (const entry of meeting) {
    const one = candidateOf(entry, pair, entries);
    if (entries.isKept(entry)) {
      kept.push(one);
      continue;
    }
    const ofZone = byZone.get(one.zone) ?? [];
    byZone.set(one.zone, ofZone);
    if (mergeIntoOne(ofZone, one)) continue;
    ofZone.push(one);
    ofZones.push(one);
  }
  const candidates: CandidatePath[] = [];
  // What is kept goes with what is seen, and changes nothing about that.
  for (const one of ofZones) if (!mergeIntoOne(candidates, one)) candidates.push(one);
  for (const one of kept) if (!mergeIntoOne(candidates, one)) candidates.push(one);
  return candidates;
}

/**
 * Merges `one` into the first of these that it does not conflict with. Only so many are tried: an agent may send any number of
 * entries that conflict, and the rest of them need not be sorted out.
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
    sights: new Set([sightOf(entry, entries)]),
    arriving: enter === pair ? [] : [entry],
    staying: enter === leave ? [entry] : [],
    departing: enter === pair && leave !== pair ? [entry] : [],
    from: enter === pair ? NONE : enter,
    to: leave === pair ? NONE : leave,
    depth: 0,
  };
}

/** Takes `other` in, unless the two conflict. */
function merge(candidate: CandidatePath, other: CandidatePath): boolean {
  if (candidate.from !== NONE && other.from !== NONE && candidate.from !== other.from) return false;
  if (candidate.to !== NONE && other.to !== NONE && candidate.to !== other.to) return false;
  if (candidate.sights.size + other.sights.size > MAX_HOPS) return false;
  for (const sight of other.sights) if (candidate.sights.has(sight)) return false;
  for (const sight of other.sights) candidate.sights.add(sight);
  // Not by spread: a call takes only so many arguments.
  for (const entry of other.arriving) candidate.arriving.push(entry);
  for (const entry of other.staying) candidate.staying.push(entry);
  for (const entry of other.departing) candidate.departing.push(entry);
  if (candidate.from === NONE) candidate.from = other.from;
  if (candidate.to === NONE) candidate.to = other.to;
  return true;
}

/** The candidates that translated entries lead to from this one, and from which they lead to it. */
function connected(
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

/** How many translations lie before each candidate. False when they go in a circle. */
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

function hasKept({ arriving, staying, departing }: CandidatePath, entries: EntryGraph): boolean {
  return [...arriving, ...staying, ...departing].some((entry) => entries.isKept(entry));
}

/** Whether these are as few hops as a connection has. */
function isShort(candidates: readonly CandidatePath[]): boolean {
  let hops = 0;
  for (const { staying, departing } of candidates) hops += staying.length + departing.length;
  return hops <= MAX_HOPS;
}

/** Joins what was seen at one place, and nothing across translations. */
function split(candidates: readonly CandidatePath[]): Path[] {
  const paths: Path[] = [];
  for (const candidate of candidates) {
    if (candidate.staying.length > 0) paths.push({ entries: candidate.staying, positions: [0] });
    for (const entry of candidate.departing) paths.push({ entries: [entry], positions: [0] });
  }
  return paths;
}

/**
 * The way of a component's packets from node to node, where there is but one reading of it: at each pair at most one
 * translation arrives and one departs, no agent has two entries in a zone, and the whole does not go in a circle. Fills `way` with
 * entries in order, those at one place side by side; `places` with where each place begins. Returns false, with `way`
 * unfinished, where it is not so simple: see `findCandidatePaths`.
 */
export function findSimplePath(component: Component, entries: EntryGraph, path: number[], places: number[]): boolean {
  path.length = 0;
  places.length = 0;
  if (component.members.length > MAX_HOPS) return false;
  let pair = NONE;
  for (const candidate of component.pairs) {
    if (!isUnambiguous(candidate, entries)) return false;
    if (entries.firstLeaving(candidate) !== NONE) continue;
    // Two beginnings would need a pair where two translations arrive, which is ambiguous.
    pair = candidate;
  }
  while (pair !== NONE) {
    places.push(path.length);
    let departing = NONE;
    for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
      if (entries.leave[entry] === pair) path.push(entry);
      else departing = entries.leave[entry] as number;
    }
    if (departing === NONE) break;
    if (places.at(-1) !== path.length) places.push(path.length);
    for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
      if (entries.leave[entry] === departing) path.push(entry);
    }
    pair = departing;
  }
  if (places.at(-1) === path.length) places.pop();
  return path.length === component.members.length;
}

function isUnambiguous(pair: number, entries: EntryGraph): boolean {
  let from = NONE;
  let to = NONE;
  const seen = new Sights();
  for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
    const leave = entries.leave[entry] as number;
    if (leave !== pair) {
      if (to !== NONE && to !== leave) return false;
      to = leave;
    }
    if (!seen.add(sightOf(entry, entries))) return false;
  }
  for (let entry = entries.firstLeaving(pair); entry !== NONE; entry = entries.nextLeaving(entry)) {
    const enter = entries.enter[entry] as number;
    if (from !== NONE && from !== enter) return false;
    from = enter;
    if (!seen.add(sightOf(entry, entries))) return false;
  }
  return true;
}

/** Tells what was added before. Nearly always there are one or two, and a set would cost more than the comparison. */
class Sights {
  #first = Number.NaN;
  #second = Number.NaN;
  #others: Set<number> | undefined;

  /** False: it was there already. */
  add(sight: number): boolean {
    if (sight === this.#first || sight === this.#second) return false;
    if (Number.isNaN(this.#first)) this.#first = sight;
    else if (Number.isNaN(this.#second)) this.#second = sight;
    else {
      this.#others ??= new Set();
      if (this.#others.has(sight)) return false;
      this.#others.add(sight);
    }
    return true;
  }
}
