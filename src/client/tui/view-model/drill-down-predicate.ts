import { selectionPredicate as graphTest } from '../../graph/selection.ts';
import type { AgentState } from '../../model/agent.ts';
import type { Connection } from '../../model/connection.ts';
import type { Problem } from '../../problems/problem.ts';
import { type GroupingContext, groupingContext, visitNodes } from '../../traffic/grouping.ts';
import { serviceKey } from '../../traffic/service-rows.ts';
import { workloadKey } from '../../traffic/workload-rows.ts';
import type { ViewState } from '../state.ts';

/** Matches the connections of the drill-down: those that the row sums up. */
export function drillDownPredicate(
  state: ViewState,
  context: GroupingContext,
  problems: readonly Problem[],
  agents: readonly AgentState[],
): ((connection: Connection) => boolean) | undefined {
  const { drill } = state;
  if (drill === undefined) return undefined;
  if (drill.kind === 'node') {
    const wanted = agents.find(({ key }) => key === drill.node)?.node;
    const byNode = groupingContext('node', agents);
    return (connection) => {
      let passes = false;
      visitNodes(connection, byNode, (node) => {
        if (node === wanted) passes = true;
      });
      return passes;
    };
  }
  if (drill.kind === 'graph') return graphTest(drill, { ...context, grouping: drill.grouping });
  if (drill.table === 'services') return (connection) => serviceKey(connection) === drill.key;
  if (drill.table === 'problems') {
    const problem = problems.find(({ key }) => key === drill.key);
    return (connection) => problem?.matches?.(connection) ?? false;
  }
  return ({ source, destination }) =>
    workloadKey(source, drill.workloadGrouping) === drill.key ||
    workloadKey(destination, drill.workloadGrouping) === drill.key;
}
