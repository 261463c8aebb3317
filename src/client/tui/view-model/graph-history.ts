import type { ChunkedWork } from '../../async/chunked-work.ts';
import { graphSeries, nodesWithAgents } from '../../graph/graph.ts';
import { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { countedConnections } from '../../traffic/counted-connections.ts';
import { type Grouping, type GroupingContext, groupingContext, isSameGrouping } from '../../traffic/grouping.ts';
import type { RateHistory } from '../../traffic/rate-history.ts';

/**
 * Records the rates of all boxes and lines, even while the graph is not shown, so that their charts do not depend on
 * what was on the screen. With many connections only drawn ones are recorded (`GraphPane`).
 */
export class GraphHistory {
  #builder: GraphBuilder | undefined;
  #context: GroupingContext | undefined;
  #second = Number.NaN;

  /** Once a second is enough. Call it after `history` has recorded the snapshot. */
  *taking(snapshot: Snapshot, grouping: Grouping, history: RateHistory): ChunkedWork<void> {
    const second = Math.floor(snapshot.at / 1000);
    if (second === this.#second || !history.keepsSums) return;
    this.#second = second;
    const context = groupingContext(grouping, snapshot.agents);
    if (this.#context === undefined || !isSameGrouping(this.#context, context)) this.#builder = undefined;
    this.#context = context;
    this.#builder ??= new GraphBuilder(context);
    const { boxes, edges } = yield* this.#builder.update(
      countedConnections(snapshot),
      nodesWithAgents(context, snapshot.agents),
    );
    for (const [name, { traffic }] of boxes) history.addSample(graphSeries(grouping, name), snapshot.at, traffic.rate);
    for (const [key, { traffic }] of edges) history.addSample(graphSeries(grouping, key), snapshot.at, traffic.rate);
  }
}
