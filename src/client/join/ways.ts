import type { Component } from './component.ts';
import { type Entries, NONE, sightOf } from './entries.ts';

/**
 * The way of a component's packets from node to node, where there is but one reading of it: at each pair at most one
 * translation arrives and one departs, no agent has two entries in a zone, and the whole does not go in a circle. Fills `way` with
 * entries in order, those at one place side by side; `places` with where each place begins. Returns false, with `way`
 * unfinished, where it is not so simple: see `lanes.ts`.
 */
export function simpleWay(component: Component, entries: Entries, way: number[], places: number[]): boolean {
  way.length = 0;
  places.length = 0;
  let pair = NONE;
  for (const candidate of component.pairs) {
    if (!isUnambiguous(candidate, entries)) return false;
    if (entries.firstLeaving(candidate) !== NONE) continue;
    // Two beginnings would need a pair where two translations arrive, which is ambiguous.
    pair = candidate;
  }
  while (pair !== NONE) {
    places.push(way.length);
    let departing = NONE;
    for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
      if (entries.leave[entry] === pair) way.push(entry);
      else departing = entries.leave[entry] as number;
    }
    if (departing === NONE) break;
    if (places.at(-1) !== way.length) places.push(way.length);
    for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
      if (entries.leave[entry] === departing) way.push(entry);
    }
    pair = departing;
  }
  if (places.at(-1) === way.length) places.pop();
  return way.length === component.members.length;
}

function isUnambiguous(pair: number, entries: Entries): boolean {
  let from = NONE;
  let to = NONE;
  for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
    const leave = entries.leave[entry] as number;
    if (leave !== pair) {
      if (to !== NONE && to !== leave) return false;
      to = leave;
    }
    for (let other = entries.nextEntering(entry); other !== NONE; other = entries.nextEntering(other))
      if (sightOf(other, entries) === sightOf(entry, entries)) return false;
    for (let other = entries.firstLeaving(pair); other !== NONE; other = entries.nextLeaving(other))
      if (sightOf(other, entries) === sightOf(entry, entries)) return false;
  }
  for (let entry = entries.firstLeaving(pair); entry !== NONE; entry = entries.nextLeaving(entry)) {
    const enter = entries.enter[entry] as number;
    if (from !== NONE && from !== enter) return false;
    from = enter;
    for (let other = entries.nextLeaving(entry); other !== NONE; other = entries.nextLeaving(other))
      if (sightOf(other, entries) === sightOf(entry, entries)) return false;
  }
  return true;
}
