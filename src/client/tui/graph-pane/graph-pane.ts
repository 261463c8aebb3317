import { type ChunkedWork, runToEnd } from '../../async/chunked-work.ts';
import { type CollapsedGraph, collapseGraph, OTHERS } from '../../graph/collapse.ts';
import { type Edge, edgeKey, type Graph, graphSeries, nodesWithAgents } from '../../graph/graph.ts';
import { GraphBuilder } from '../../graph/graph-builder.ts';
import { usedAgents } from '../../model/agent.ts';
import type { Connection } from '../../model/connection.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { type Grouping, type GroupingContext, isSameGrouping } from '../../traffic/grouping.ts';
import type { RateHistory } from '../../traffic/rate-history.ts';
import { rateLevel } from '../../traffic/traffic.ts';
import type { Line } from '../text/line.ts';
import { drawGraph, maxRate, selectEdges } from './draw.ts';
import { type GraphLayout, StableLayout } from './graph-layout.ts';
import { type DrawnGraph, EMPTY_GRAPH } from './navigation.ts';
import { maxBoxes } from './slots.ts';

interface Built {
  readonly builder: GraphBuilder;
  readonly connections: readonly Connection[];
  readonly grouping: GroupingContext;
  readonly always: readonly string[];
  readonly graph: Graph;
}

/** The graph's input from the view model. */
export interface GraphInput {
  /** Connections that match the filter and the drill-down. */
  readonly filtered: readonly Connection[];
  readonly grouping: GroupingContext;
  readonly snapshot: Snapshot;
}

/** The graph of the shown connections. It keeps its layout, so that boxes neither jump nor alternate. */
export class GraphPane {
  readonly #places = new StableLayout();
  readonly #labelPositions = new Map<string, number>();
  #built: Built | undefined;
  #shown: ReadonlySet<string> = new Set();
  #collapsed: { readonly of: Graph; readonly limit: number; readonly collapsed: CollapsedGraph } | undefined;
  #drawn: DrawnGraph = EMPTY_GRAPH;
  #noted: number | undefined;

  /** The last drawn graph. */
  get drawn(): DrawnGraph {
    return this.#drawn;
  }

  /** Sums up the traffic; after this, drawing is fast. */
  *prepareChunked(viewModel: GraphInput): ChunkedWork<void> {
    if (this.isReady(viewModel)) return;
    const { filtered: connections, grouping } = viewModel;
    const before = this.#built;
    const builder = before && isSameGrouping(before.grouping, grouping) ? before.builder : new GraphBuilder(grouping);
    const always = nodesWithAgents(viewModel.grouping, viewModel.snapshot.agents);
    const graph = yield* builder.update(connections, always);
    this.#built = { builder, connections, grouping, always, graph };
  }

  draw(viewModel: GraphInput, width: number, height: number, selected: string | undefined): Line[] {
    const { grouping, snapshot } = viewModel;
    const byNode = grouping.grouping === 'node';
    const always = nodesWithAgents(grouping, snapshot.agents);
    const graph = this.#build(viewModel);
    const chosen = selected?.split('\n') ?? [];
    const limit = Math.max(1, maxBoxes(width, height));
    const collapsed = this.#collapse(graph, limit, always, chosen);
    const [box = '', end] = chosen;
    const edges = selectEdges(collapsed.edges.values(), width, height, box);
    const plan = this.#plan(collapsed, edges, width, height, grouping);
    this.#drawn = { graph: collapsed, edges, ...plan };
    const lost = usedAgents(snapshot.agents).flatMap(({ node, status }) =>
      status.kind === 'live' || !byNode ? [] : [[node, status.kind] as const],
    );
    return drawGraph({
      graph: collapsed,
      edges,
      ...plan,
      width,
      height,
      selected: end === undefined ? { box } : { edge: edgeKey(box, end) },
      notes: new Map(lost),
      labelPositions: this.#labelPositions,
    });
  }

  /**
   * Records the rates of the picture once for each snapshot: of everything if `GraphHistory` does not, else
   * only of the collapsed box. `at`: the time of the snapshot.
   */
  recordRates(history: RateHistory, at: number, grouping: Grouping): void {
    if (this.#noted === at) return;
    this.#noted = at;
    const { graph, edges } = this.#drawn;
    const isMissing = (...names: string[]) => !history.keepsSums || names.includes(OTHERS);
    for (const [name, { traffic }] of graph.boxes)
      if (isMissing(name)) history.addSample(graphSeries(grouping, name), at, traffic.rate);
    for (const { from, to, traffic } of edges)
      if (isMissing(from, to)) history.addSample(graphSeries(grouping, `${from}\n${to}`), at, traffic.rate);
  }

  /** Whether the sums are of the same connections in the same grouping. */
  isReady(viewModel: GraphInput): boolean {
    const built = this.#built;
    return (
      built !== undefined &&
      built.connections === viewModel.filtered &&
      isSameGrouping(built.grouping, viewModel.grouping) &&
      built.always.join('\n') === nodesWithAgents(viewModel.grouping, viewModel.snapshot.agents).join('\n')
    );
  }

  #build(viewModel: GraphInput): Graph {
    runToEnd(this.prepareChunked(viewModel));
    return this.#built?.graph ?? { boxes: new Map(), edges: new Map() };
  }

  /** Cached for the same graph, unless it lacks the selection. */
  #collapse(graph: Graph, limit: number, always: readonly string[], chosen: readonly string[]): CollapsedGraph {
    const last = this.#collapsed;
    const isKept = (name: string) => last?.collapsed.boxes.has(name) === true || !graph.boxes.has(name);
    if (last !== undefined && last.of === graph && last.limit === limit && chosen.every(isKept)) return last.collapsed;
    // If not all nodes fit, the heaviest are shown.
    const first = always.length < limit ? [...chosen, ...always] : chosen;
    const collapsed = collapseGraph(graph, limit, first, this.#shown);
    this.#shown = new Set(collapsed.boxes.keys());
    this.#collapsed = { of: graph, limit, collapsed };
    return collapsed;
  }

  #plan(
    graph: CollapsedGraph,
    edges: readonly Edge[],
    width: number,
    height: number,
    grouping: GroupingContext,
  ): GraphLayout {
    const heaviest = maxRate(edges);
    return this.#places.update({
      names: [...graph.boxes.keys()],
      links: edges.map(({ from, to, traffic, initiatedByFrom }) => ({
        key: edgeKey(from, to),
        from,
        to,
        weight: rateLevel(traffic.rate, heaviest) / 5,
        direction: traffic.connections === 0 ? 0 : (2 * initiatedByFrom - traffic.connections) / traffic.connections,
      })),
      width,
      height,
      of: grouping.grouping,
      detailed: grouping.grouping !== 'workload',
    });
  }
}
