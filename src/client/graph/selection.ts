import type { Connection } from '../model/connection.ts';
import { Grouper, type GroupingContext } from '../traffic/grouping.ts';
import { type CollapsedGraph, OTHERS } from './collapse.ts';
import { edgeKey } from './graph.ts';

/** A selected box or edge. For `others` it also has the boxes that were shown. */
export interface GraphSelection {
  readonly from: string;
  /** Absent: the box `from`; else the edge between the two. */
  readonly to?: string;
  readonly kept?: ReadonlySet<string>;
}

/** Whether a connection is part of a box or an edge. */
export function selectionPredicate(
  { from, to, kept }: GraphSelection,
  context: GroupingContext,
): (connection: Connection) => boolean {
  const grouper = new Grouper(context);
  const nameOf = ({ name }: { name: string }) => (kept === undefined || kept.has(name) ? name : OTHERS);
  if (to === undefined) return (connection) => grouper.pathOf(connection).some((group) => nameOf(group) === from);
  const wanted = edgeKey(from, to);
  return (connection) => {
    const path = grouper.pathOf(connection);
    for (let i = 1; i < path.length; i++) {
      const [a, b] = [path[i - 1], path[i]];
      if (a !== undefined && b !== undefined && edgeKey(nameOf(a), nameOf(b)) === wanted) return true;
    }
    return false;
  };
}

/** The box or edge of a key in the drawn graph. */
export function selectionFromKey(key: string, { boxes, collapsed }: CollapsedGraph): GraphSelection {
  const [from = '', to] = key.split('\n');
  const ends = to === undefined ? { from } : { from, to };
  return collapsed > 0 && (from === OTHERS || to === OTHERS) ? { ...ends, kept: new Set(boxes.keys()) } : ends;
}
