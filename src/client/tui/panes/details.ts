import { toCells } from '../../format/cells.ts';
import { graphSeries } from '../../graph/graph.ts';
import { agentSeries, connectionSeries, type RateHistory, rowSeries } from '../../traffic/rate-history.ts';
import type { DrawnGraph } from '../graph-pane/navigation.ts';
import { graphKey } from '../input/graph-cursor.ts';
import type { TableId, ViewState } from '../state.ts';
import { type Line, span } from '../text/line.ts';
import type { Summaries } from '../view-model/summaries.ts';
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

/** The input of details. */
export interface DetailsInput {
  readonly state: ViewState;
  readonly viewModel: ViewModel;
  readonly graph: DrawnGraph;
  readonly history: RateHistory;
  readonly summaries: Summaries;
  /** Unix time in milliseconds. */
  readonly now: number;
  readonly width: number;
}

interface RowInput extends DetailsInput {
  /** Of the selected row. */
  readonly index: number;
  /** The rate series of a key. */
  readonly rates: (series: string) => readonly Line[];
}

/** The details of the selected row in the last used pane. */
export function renderDetails(input: DetailsInput): Details {
  const { state, viewModel, graph, history, summaries, width } = input;
  const { detailTarget } = state;
  const rates = (series: string) => renderRateChart(history.rates(series, viewModel.snapshot.at), width);
  if (detailTarget === 'graph') {
    const key = graphKey(state);
    const series = key === undefined ? [] : rates(graphSeries(state.grouping, key));
    return renderGraphDetails(key, graph, viewModel, summaries, series, width);
  }
  const index = selectedIndex(state, detailTarget, viewModel.table(detailTarget));
  return DETAILS[detailTarget]({ ...input, index, rates }) ?? NOTHING;
}

const NOTHING: Details = { title: 'Details', lines: [[span('nothing is selected', 'dim')]] };

const DETAILS: Readonly<Record<TableId, (input: RowInput) => Details | undefined>> = {
  connections({ viewModel, index, rates, now, width }) {
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
  nodes({ viewModel, summaries, index, rates, now, width }) {
    const row = viewModel.rowAt('nodes', index);
    if (row === undefined) return undefined;
    return {
      title: `Node ${toCells(row.node)}`,
      lines: renderNodeDetails(row, summaries, rates(agentSeries(row.agent.key)), now, width),
    };
  },
  agents({ viewModel, index, rates, now, width }) {
    const agent = viewModel.rowAt('agents', index);
    if (agent === undefined) return undefined;
    return {
      title: `Agent on ${toCells(agent.node)}`,
      lines: renderAgentDetails(agent, rates(agentSeries(agent.key)), now, width),
    };
  },
  workloads({ state: { workloadGrouping }, viewModel, summaries, index, rates, width }) {
    const row = viewModel.rowAt('workloads', index);
    if (row === undefined) return undefined;
    const series = rates(rowSeries('workloads', row.name, workloadGrouping));
    return {
      title: `${toCells(row.kind)} ${toCells(row.name)}`,
      lines: renderWorkloadDetails(row, workloadGrouping, summaries, series, width),
    };
  },
  services({ state: { workloadGrouping }, viewModel, summaries, index, rates, width }) {
    const row = viewModel.rowAt('services', index);
    if (row === undefined) return undefined;
    const port = row.port === undefined ? '' : ` port ${row.port}`;
    const series = rates(rowSeries('services', row.key, workloadGrouping));
    return { title: `Service ${toCells(row.name)}${port}`, lines: renderServiceDetails(row, summaries, series, width) };
  },
  problems({ viewModel, summaries, index, width }) {
    const problem = viewModel.rowAt('problems', index);
    if (problem === undefined) return undefined;
    return { title: 'Problem', lines: renderProblemDetails(problem, viewModel.snapshot.connections, summaries, width) };
  },
};
