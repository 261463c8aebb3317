import { toCells } from '../../format/cells.ts';
import { graphSeries } from '../../graph/graph.ts';
import { agentSeries, connectionSeries, type RateHistory, rowSeries } from '../../traffic/rate-history.ts';
import type { DrawnGraph } from '../graph-pane/navigation.ts';
import { graphKey } from '../input/graph-cursor.ts';
import type { TableId, ViewState } from '../state.ts';
import { type Line, span } from '../text/line.ts';
import { selectedIndex } from '../view-model/table-cursor.ts';
import type { ViewModel } from '../view-model/view-model.ts';
import { renderAgentDetails, renderNodeDetails } from './agent-details.ts';
import { renderConnectionDetails } from './connection-details.ts';
import { renderGraphDetails } from './graph-details.ts';
import { renderRateChart } from './rate-chart.ts';
import { renderProblemDetails, renderServiceDetails, renderWorkloadDetails } from './row-details.ts';

export interface Details {
  readonly title: string;
  readonly lines: readonly Line[];
}

interface Asked {
  readonly state: ViewState;
  readonly derived: ViewModel;
  /** Of the selected row. */
  readonly index: number;
  /** The rates over time that are kept under a name. */
  readonly rates: (series: string) => readonly Line[];
  readonly now: number;
  readonly width: number;
}

/** What is to be said of the row that is selected in the pane that was used last. */
export function renderDetails(
  state: ViewState,
  viewModel: ViewModel,
  graph: DrawnGraph,
  history: RateHistory,
  now: number,
  width: number,
): Details {
  const { detailTarget } = state;
  const rates = (series: string) => renderRateChart(history.rates(series, viewModel.snapshot.at), width);
  if (detailTarget === 'graph') {
    const key = graphKey(state);
    return renderGraphDetails(
      key,
      graph,
      viewModel,
      key === undefined ? [] : rates(graphSeries(state.grouping, key)),
      width,
    );
  }
  const index = selectedIndex(state, detailTarget, viewModel.table(detailTarget));
  return DETAILS[detailTarget]({ state, derived: viewModel, index, rates, now, width }) ?? NOTHING;
}

const NOTHING: Details = { title: 'Details', lines: [[span('nothing is selected', 'dim')]] };

const DETAILS: Readonly<Record<TableId, (asked: Asked) => Details | undefined>> = {
  connections({ derived: viewModel, index, rates, now, width }) {
    const connection = viewModel.rowAt('connections', index);
    if (connection === undefined) return undefined;
    return {
      title: 'Connection',
      lines: renderConnectionDetails(
        connection,
        viewModel.snapshot.agents,
        rates(connectionSeries(connection.id)),
        now,
        width,
      ),
    };
  },
  nodes({ derived: viewModel, index, rates, now, width }) {
    const row = viewModel.rowAt('nodes', index);
    if (row === undefined) return undefined;
    return {
      title: `Node ${toCells(row.node)}`,
      lines: renderNodeDetails(row, rates(agentSeries(row.agent.key)), now, width),
    };
  },
  agents({ derived: viewModel, index, rates, now, width }) {
    const agent = viewModel.rowAt('agents', index);
    if (agent === undefined) return undefined;
    return {
      title: `Agent on ${toCells(agent.node)}`,
      lines: renderAgentDetails(agent, rates(agentSeries(agent.key)), now, width),
    };
  },
  workloads({ state: { workloadGrouping }, derived: viewModel, index, rates, width }) {
    const row = viewModel.rowAt('workloads', index);
    if (row === undefined) return undefined;
    const series = rates(rowSeries('workloads', row.name, workloadGrouping));
    return {
      title: `${toCells(row.kind)} ${toCells(row.name)}`,
      lines: renderWorkloadDetails(row, workloadGrouping, series, width),
    };
  },
  services({ state: { workloadGrouping }, derived: viewModel, index, rates, width }) {
    const row = viewModel.rowAt('services', index);
    if (row === undefined) return undefined;
    const port = row.port === undefined ? '' : ` port ${row.port}`;
    const series = rates(rowSeries('services', row.key, workloadGrouping));
    return { title: `Service ${toCells(row.name)}${port}`, lines: renderServiceDetails(row, series, width) };
  },
  problems({ derived: viewModel, index, width }) {
    const problem = viewModel.rowAt('problems', index);
    if (problem === undefined) return undefined;
    return { title: 'Problem', lines: renderProblemDetails(problem, viewModel.snapshot.connections, width) };
  },
};
