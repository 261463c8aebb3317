import { plain } from '../../format/cells.ts';
import { graphSeries } from '../../graph/graph.ts';
import { agentKey, connectionKey, type History, rowSeries } from '../../traffic/rate-history.ts';
import type { GraphScene } from '../graph-pane/navigation.ts';
import { graphKey } from '../input/graph-cursor.ts';
import type { TableId, ViewState } from '../state.ts';
import { type Line, span } from '../text/line.ts';
import { selectedIndex } from '../view-model/table-cursor.ts';
import type { Derived } from '../view-model/view-model.ts';
import { agentDetails, nodeDetails } from './agent-details.ts';
import { connectionDetails } from './connection-details.ts';
import { graphDetails } from './graph-details.ts';
import { rateLines } from './rate-chart.ts';
import { problemDetails, serviceDetails, talkerDetails } from './row-details.ts';

export interface Details {
  readonly title: string;
  readonly lines: readonly Line[];
}

interface Asked {
  readonly state: ViewState;
  readonly derived: Derived;
  /** Of the selected row. */
  readonly index: number;
  /** The rates over time that are kept under a name. */
  readonly rates: (series: string) => readonly Line[];
  readonly now: number;
  readonly width: number;
}

/** What is to be said of the row that is selected in the pane that was used last. */
export function details(
  state: ViewState,
  derived: Derived,
  graph: GraphScene,
  history: History,
  now: number,
  width: number,
): Details {
  const { subject } = state;
  const rates = (series: string) => rateLines(history.ratesOf(series, derived.snapshot.at), width);
  if (subject === 'graph') {
    const key = graphKey(state);
    return graphDetails(key, graph, derived, key === undefined ? [] : rates(graphSeries(state.grouping, key)), width);
  }
  const index = selectedIndex(state, subject, derived.table(subject));
  return DETAILS[subject]({ state, derived, index, rates, now, width }) ?? NOTHING;
}

const NOTHING: Details = { title: 'Details', lines: [[span('nothing is selected', 'dim')]] };

const DETAILS: Readonly<Record<TableId, (asked: Asked) => Details | undefined>> = {
  connections({ derived, index, rates, now, width }) {
    const connection = derived.rowAt('connections', index);
    if (connection === undefined) return undefined;
    return {
      title: 'Connection',
      lines: connectionDetails(connection, derived.snapshot.agents, rates(connectionKey(connection.id)), now, width),
    };
  },
  nodes({ derived, index, rates, now, width }) {
    const row = derived.rowAt('nodes', index);
    if (row === undefined) return undefined;
    return { title: `Node ${plain(row.node)}`, lines: nodeDetails(row, rates(agentKey(row.agent.key)), now, width) };
  },
  agents({ derived, index, rates, now, width }) {
    const agent = derived.rowAt('agents', index);
    if (agent === undefined) return undefined;
    return {
      title: `Agent on ${plain(agent.node)}`,
      lines: agentDetails(agent, rates(agentKey(agent.key)), now, width),
    };
  },
  workloads({ state: { talkersBy }, derived, index, rates, width }) {
    const row = derived.rowAt('workloads', index);
    if (row === undefined) return undefined;
    const series = rates(rowSeries('workloads', row.name, talkersBy));
    return { title: `${plain(row.kind)} ${plain(row.name)}`, lines: talkerDetails(row, talkersBy, series, width) };
  },
  services({ state: { talkersBy }, derived, index, rates, width }) {
    const row = derived.rowAt('services', index);
    if (row === undefined) return undefined;
    const port = row.port === undefined ? '' : ` port ${row.port}`;
    const series = rates(rowSeries('services', row.key, talkersBy));
    return { title: `Service ${plain(row.name)}${port}`, lines: serviceDetails(row, series, width) };
  },
  problems({ derived, index, width }) {
    const problem = derived.rowAt('problems', index);
    if (problem === undefined) return undefined;
    return { title: 'Problem', lines: problemDetails(problem, derived.snapshot.connections, width) };
  },
};
