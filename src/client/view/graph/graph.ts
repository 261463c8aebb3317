import type { AgentState, Connection } from '../../model.ts';
import { each, finish, type Steps } from '../data/steps.ts';
import { Traffic } from '../data/traffic.ts';
import { Grouper, type GroupingContext } from './grouping.ts';

export interface Box {
  readonly name: string;
  /** What it stands for, in a word: "node", "namespace", "Deployment", "outside" … */
  readonly kind: string;
  /** All that passes it, each connection once. Sent is what leaves it. */
  readonly traffic: Traffic;
  /** Of that, what has both its ends in it. */
  readonly within: Traffic;
}

export interface Edge {
  /** `from` sorts before `to`: an edge is one, whoever asked. Sent is from `from` to `to`. */
  readonly from: string;
  readonly to: string;
  readonly traffic: Traffic;
  /** Of its connections, those that `from` asked for. */
  asked: number;
}

export interface Graph {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly edges: ReadonlyMap<string, Edge>;
}

export function edgeKey(a: string, b: string): string {
  return a < b ? `${a}\n${b}` : `${b}\n${a}`;
}

export function newBox(name: string, kind: string): Box {
  return { name, kind, traffic: new Traffic(), within: new Traffic() };
}

export function newEdge(a: string, b: string): Edge {
  const [from, to] = a < b ? [a, b] : [b, a];
  return { from, to, traffic: new Traffic(), asked: 0 };
}

/** The nodes that have a box though they have no traffic. */
export function watchedNodes({ grouping }: GroupingContext, agents: readonly AgentState[]): string[] {
  return grouping === 'node' ? [...new Set(agents.map(({ node }) => node))] : [];
}

/** `always`: boxes that are there even without traffic (the watched nodes). */
export function* building(
  connections: readonly Connection[],
  context: GroupingContext,
  always: readonly string[],
): Steps<Graph> {
  const grouper = new Grouper(context);
  // By the groups' numbers: a graph of many connections is made on each snapshot.
  const boxes: Box[] = [];
  const edges: Map<number, Edge>[] = [];
  const byName = new Map<string, Box>();
  const boxOf = ({ id, name, kind }: { id: number; name: string; kind: string }): Box => {
    let box = boxes[id];
    if (box === undefined) {
      box = newBox(name, kind);
      boxes[id] = box;
      edges[id] = new Map();
      byName.set(name, box);
    }
    return box;
  };
  for (const name of always) boxOf(grouper.group(name, 'node'));
  yield* each(connections, (connection) => {
    const path = grouper.trace(connection);
    const last = path.length - 1;
    for (let i = 0; i <= last; i++) {
      const here = path[i];
      if (here === undefined) break;
      const box = boxOf(here);
      box.traffic.add(connection, i > 0 && i === last);
      if (last === 0) box.within.add(connection);
      const next = path[i + 1];
      if (next === undefined) continue;
      const forward = here.name < next.name;
      const [low, high] = forward ? [here, next] : [next, here];
      boxOf(low);
      const links = edges[low.id];
      let edge = links?.get(high.id);
      if (edge === undefined) {
        edge = newEdge(low.name, high.name);
        links?.set(high.id, edge);
      }
      edge.traffic.add(connection, !forward);
      if (forward) edge.asked++;
    }
  });
  const byKey = new Map<string, Edge>();
  for (const links of edges) {
    if (links === undefined) continue;
    for (const edge of links.values()) byKey.set(edgeKey(edge.from, edge.to), edge);
  }
  return { boxes: byName, edges: byKey };
}

export function buildGraph(
  connections: readonly Connection[],
  context: GroupingContext,
  always: readonly string[],
): Graph {
  return finish(building(connections, context, always));
}

/** What one of several goes by: its rate, and something for what is unanswered or not accounted for. */
export function weightOf({ rate, unanswered, connections }: Traffic): number {
  return (rate ?? 0) + unanswered * 1000 + connections;
}
