import { type ChunkedWork, forEachChunked, runToEnd } from '../async/chunked-work.ts';
import type { Connection } from '../model/connection.ts';
import { type Group, Grouper, type GroupingContext } from '../traffic/grouping.ts';
import { type Edge, edgeKey, type Graph, type Vertex } from './graph.ts';
import { deltaOf, emptyDelta, TrafficSums } from './traffic-sums.ts';

interface BoxRows {
  readonly group: Group;
  readonly traffic: number;
  readonly within: number;
  /** Edges to groups whose name sorts later, by the group's number. */
  readonly edges: Map<number, EdgeRow>;
}

interface EdgeRow {
  readonly from: string;
  readonly to: string;
  readonly traffic: number;
  asked: number;
}

/** How many addresses may be added before everything is rebuilt. */
const MAX_UNKNOWN_ADDRESSES = 10_000;

/**
 * Builds the graph of connections and updates it: it only processes connections that are not the same objects at the
 * same index as before. Of 250,000 connections most are the same.
 */
export class GraphBuilder {
  readonly #context: GroupingContext;
  #grouper: Grouper;
  #sums = new TrafficSums();
  /** Rows by the group's number. */
  #boxes: BoxRows[] = [];
  /** The connections that are counted; undefined: unknown, because an update was interrupted. */
  #connections: readonly Connection[] | undefined;
  #known = 0;
  readonly #share = emptyDelta();

  constructor(context: GroupingContext) {
    this.#context = context;
    this.#grouper = new Grouper(context);
  }

  /** The graph of these connections. `always`: boxes that are shown even without traffic (the watched nodes). */
  *update(connections: readonly Connection[], always: readonly string[]): ChunkedWork<Graph> {
    const before = this.#connections;
    // If this is interrupted, the sums are neither of the old nor of the new connections.
    this.#connections = undefined;
    const isFresh = before === undefined || this.#differTooMuch(before, connections);
    yield;
    if (isFresh) {
      this.#grouper = new Grouper(this.#context);
      this.#sums = new TrafficSums();
      this.#boxes = [];
      yield* forEachChunked(connections, (connection) => this.#post(connection, 1));
      this.#known = this.#grouper.addresses;
    } else {
      yield* forEachChunked(connections, (connection, i) => {
        const old = before[i];
        if (old === connection) return;
        if (old !== undefined) this.#post(old, -1);
        this.#post(connection, 1);
      });
      for (const old of before.slice(connections.length)) this.#post(old, -1);
    }
    this.#connections = connections;
    return yield* this.#graph(always);
  }

  /** Whether too few connections are the same as before. */
  #differTooMuch(before: readonly Connection[], connections: readonly Connection[]): boolean {
    const length = Math.max(before.length, connections.length);
    let changed = 0;
    for (let i = 0; i < length; i++) if (before[i] !== connections[i]) changed++;
    return changed * 2 > length || this.#grouper.addresses > this.#known * 2 + MAX_UNKNOWN_ADDRESSES;
  }

  #post(connection: Connection, sign: 1 | -1): void {
    const path = this.#grouper.pathOf(connection);
    const sums = this.#sums;
    const share = this.#share;
    deltaOf(connection, share);
    const last = path.length - 1;
    for (let i = 0; i <= last; i++) {
      const here = path[i];
      if (here === undefined) break;
      const box = this.#rowsOf(here);
      sums.add(box.traffic, share, sign, i > 0 && i === last);
      if (last === 0) sums.add(box.within, share, sign, false);
      const next = path[i + 1];
      if (next === undefined) break;
      const forward = here.name < next.name;
      const edge = forward ? this.#edgeOf(box, next) : this.#edgeOf(this.#rowsOf(next), here);
      sums.add(edge.traffic, share, sign, !forward);
      if (forward) edge.asked += sign;
    }
  }

  #rowsOf(group: Group): BoxRows {
    let box = this.#boxes[group.id];
    if (box === undefined) {
      box = { group, traffic: this.#sums.addRow(), within: this.#sums.addRow(), edges: new Map() };
      this.#boxes[group.id] = box;
    }
    return box;
  }

  #edgeOf(box: BoxRows, other: Group): EdgeRow {
    let edge = box.edges.get(other.id);
    if (edge === undefined) {
      edge = { from: box.group.name, to: other.name, traffic: this.#sums.addRow(), asked: 0 };
      box.edges.set(other.id, edge);
    }
    return edge;
  }

  *#graph(always: readonly string[]): ChunkedWork<Graph> {
    const sums = this.#sums;
    const boxes = new Map<string, Vertex>();
    const edges = new Map<string, Edge>();
    const shown = new Set(always.map((name) => this.#rowsOf(this.#grouper.group(name, 'node'))));
    yield* forEachChunked(this.#boxes, (box) => {
      const { name, kind } = box.group;
      if (sums.connections(box.traffic) > 0 || shown.has(box))
        boxes.set(name, { name, kind, traffic: sums.traffic(box.traffic), within: sums.traffic(box.within) });
      for (const { from, to, traffic, asked: initiatedByFrom } of box.edges.values())
        if (sums.connections(traffic) > 0)
          edges.set(edgeKey(from, to), { from, to, traffic: sums.traffic(traffic), initiatedByFrom });
    });
    return { boxes, edges };
  }
}

export function buildGraph(
  connections: readonly Connection[],
  context: GroupingContext,
  always: readonly string[],
): Graph {
  return runToEnd(new GraphBuilder(context).update(connections, always));
}
