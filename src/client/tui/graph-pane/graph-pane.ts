import { finish, type Steps } from '../../async/chunked-work.ts';
import { type Folded, foldGraph, OTHERS } from '../../graph/collapse.ts';
import { type Edge, edgeKey, type Graph, graphSeries, watchedNodes } from '../../graph/graph.ts';
import { GraphBuilder } from '../../graph/graph-builder.ts';
import { usedAgents } from '../../model/agent.ts';
import type { Connection } from '../../model/connection.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { type Grouping, type GroupingContext, isSameGrouping } from '../../traffic/grouping.ts';
import type { History } from '../../traffic/rate-history.ts';
import { heat } from '../../traffic/traffic.ts';
import type { Line } from '../text/line.ts';
import { drawGraph, edgesToDraw, heaviestRate } from './draw.ts';
import { Places, type Plan } from './graph-layout.ts';
import { EMPTY_SCENE, type GraphScene } from './navigation.ts';
import { capacity } from './slots.ts';

interface Built {
  readonly builder: GraphBuilder;
  readonly connections: readonly Connection[];
  readonly grouping: GroupingContext;
  readonly always: readonly string[];
  readonly graph: Graph;
}

/** What the graph is drawn from: the view model has it. */
export interface GraphInput {
  /** Connections that match the filter and the drill-down. */
  readonly passing: readonly Connection[];
  readonly grouping: GroupingContext;
  readonly snapshot: Snapshot;
}

/** The graph of what is shown. It remembers what it drew where, so that boxes neither jump nor take turns. */
export class GraphPicture {
  readonly #places = new Places();
  readonly #spots = new Map<string, number>();
  #built: Built | undefined;
  #shown: ReadonlySet<string> = new Set();
  #folded: { readonly of: Graph; readonly limit: number; readonly folded: Folded } | undefined;
  #scene: GraphScene = EMPTY_SCENE;
  #noted: number | undefined;

  /** As it was drawn last. */
  get scene(): GraphScene {
    return this.#scene;
  }

  /** Adds up what there is to draw: after this, drawing is quick. */
  *preparing(derived: GraphInput): Steps<void> {
    if (this.isReady(derived)) return;
    const { passing: connections, grouping } = derived;
    const before = this.#built;
    const builder = before && isSameGrouping(before.grouping, grouping) ? before.builder : new GraphBuilder(grouping);
    const always = watchedNodes(derived.grouping, derived.snapshot.agents);
    const graph = yield* builder.update(connections, always);
    this.#built = { builder, connections, grouping, always, graph };
  }

  draw(derived: GraphInput, width: number, height: number, selected: string | undefined): Line[] {
    const { grouping, snapshot } = derived;
    const byNode = grouping.grouping === 'node';
    const always = watchedNodes(grouping, snapshot.agents);
    const graph = this.#build(derived);
    const chosen = selected?.split('\n') ?? [];
    const limit = Math.max(1, capacity(width, height));
    const folded = this.#fold(graph, limit, always, chosen);
    const [box = '', end] = chosen;
    const edges = edgesToDraw(folded.edges.values(), width, height, box);
    const plan = this.#plan(folded, edges, width, height, grouping);
    this.#scene = { graph: folded, edges, ...plan };
    const lost = usedAgents(snapshot.agents).flatMap(({ node, status }) =>
      status.kind === 'live' || !byNode ? [] : [[node, status.kind] as const],
    );
    return drawGraph({
      graph: folded,
      edges,
      ...plan,
      width,
      height,
      selected: end === undefined ? { box } : { edge: edgeKey(box, end) },
      notes: new Map(lost),
      spots: this.#spots,
    });
  }

  /**
   * Notes the rates of what is in the picture, once for each snapshot: of all where nobody else does (`GraphHistory`), else
   * of the box that stands for those that do not fit. `at`: when it was taken.
   */
  note(history: History, at: number, grouping: Grouping): void {
    if (this.#noted === at) return;
    this.#noted = at;
    const { graph, edges } = this.#scene;
    const isMissing = (...names: string[]) => !history.keepsSums || names.includes(OTHERS);
    for (const [name, { traffic }] of graph.boxes)
      if (isMissing(name)) history.note(graphSeries(grouping, name), at, traffic.rate);
    for (const { from, to, traffic } of edges)
      if (isMissing(from, to)) history.note(graphSeries(grouping, `${from}\n${to}`), at, traffic.rate);
  }

  /** Whether it was added up for the same connections, seen the same way. */
  isReady(derived: GraphInput): boolean {
    const built = this.#built;
    return (
      built !== undefined &&
      built.connections === derived.passing &&
      isSameGrouping(built.grouping, derived.grouping) &&
      built.always.join('\n') === watchedNodes(derived.grouping, derived.snapshot.agents).join('\n')
    );
  }

  #build(derived: GraphInput): Graph {
    finish(this.preparing(derived));
    return this.#built?.graph ?? { boxes: new Map(), edges: new Map() };
  }

  /** Once for the same graph, unless what is selected has to be kept and was not. */
  #fold(graph: Graph, limit: number, always: readonly string[], chosen: readonly string[]): Folded {
    const last = this.#folded;
    const isKept = (name: string) => last?.folded.boxes.has(name) === true || !graph.boxes.has(name);
    if (last !== undefined && last.of === graph && last.limit === limit && chosen.every(isKept)) return last.folded;
    // Where not all nodes fit, the heaviest stay, not the first.
    const first = always.length < limit ? [...chosen, ...always] : chosen;
    const folded = foldGraph(graph, limit, first, this.#shown);
    this.#shown = new Set(folded.boxes.keys());
    this.#folded = { of: graph, limit, folded };
    return folded;
  }

  #plan(graph: Folded, edges: readonly Edge[], width: number, height: number, grouping: GroupingContext): Plan {
    const heaviest = heaviestRate(edges);
    return this.#places.update({
      names: [...graph.boxes.keys()],
      links: edges.map(({ from, to, traffic, asked }) => ({
        key: edgeKey(from, to),
        from,
        to,
        weight: heat(traffic.rate, heaviest) / 5,
        asking: traffic.connections === 0 ? 0 : (2 * asked - traffic.connections) / traffic.connections,
      })),
      width,
      height,
      of: grouping.grouping,
      roomy: grouping.grouping !== 'workload',
    });
  }
}
