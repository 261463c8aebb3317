import { stateName } from '../../../flow/state.ts';
import { type ChunkedWork, filterChunked, forEachChunked, runToEnd } from '../../async/chunked-work.ts';
import { AGENT_COLUMNS } from '../../columns/agent-columns.ts';
import { averageColumns, withAverages } from '../../columns/average-columns.ts';
import { CONNECTION_COLUMNS } from '../../columns/connection-columns.ts';
import { NODE_COLUMNS } from '../../columns/node-columns.ts';
import { PROBLEM_COLUMNS } from '../../columns/problem-columns.ts';
import { SERVICE_COLUMNS } from '../../columns/service-columns.ts';
import { workloadColumns } from '../../columns/workload-columns.ts';
import { parseFilter } from '../../filter/filter.ts';
import { formatAge } from '../../format/numbers.ts';
import type { AgentState } from '../../model/agent.ts';
import { type Connection, isUnanswered } from '../../model/connection.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Problem } from '../../problems/problem.ts';
import { countedConnections } from '../../traffic/counted-connections.ts';
import { type GroupingContext, groupingContext } from '../../traffic/grouping.ts';
import { type NodeRow, nodeRows } from '../../traffic/node-rows.ts';
import { agentSeries, connectionSeries, RateHistory } from '../../traffic/rate-history.ts';
import { type ServiceRow, serviceRows } from '../../traffic/service-rows.ts';
import { sumRates, totalRate } from '../../traffic/traffic.ts';
import { type WorkloadRow, workloadRows } from '../../traffic/workload-rows.ts';
import type { StateFilter, TableId, ViewState } from '../state.ts';
import { agentStyle, connectionStyle, nodeStyle, problemStyle, trafficStyle } from './cell-styles.ts';
import { drillDownPredicate } from './drill-down-predicate.ts';
import { filteredAgents, filteredProblems } from './row-filter.ts';
import { buildTable, type TableView, type TypedTableView } from './table-view.ts';

export interface FilterError {
  readonly message: string;
  /** The range in the filter's text. */
  readonly start: number;
  readonly end: number;
}

/** The data for the current state. Rebuilt for each snapshot, and when the state needs another one. */
export interface ViewModel {
  readonly snapshot: Snapshot;
  /** The connections that match the filters, including counted held ones: input of nodes, workloads, services and the graph. */
  readonly filtered: readonly Connection[];
  /** The visible ones of them that match the drill-down. */
  readonly shown: readonly Connection[];
  readonly filterError?: FilterError;
  readonly grouping: GroupingContext;
  readonly problems: readonly Problem[];
  /** The object of a table's row at this index. */
  rowAt<Id extends TableId>(id: Id, index: number): RowOf[Id] | undefined;
  table(id: TableId): TableView;
  /** Whether that table has been built. */
  isReady(id: TableId): boolean;
  prepareChunked(ids: readonly TableId[]): ChunkedWork<void>;
}

/** The row type of each table. */
export interface RowOf {
  readonly connections: Connection;
  readonly nodes: NodeRow;
  readonly workloads: WorkloadRow;
  readonly services: ServiceRow;
  readonly problems: Problem;
  readonly agents: AgentState;
}

type Tables = { readonly [Id in TableId]: Lazy<RowOf[Id]> };

/** A table that is built at the first request. */
class Lazy<Row> {
  readonly #make: () => ChunkedWork<TypedTableView<Row>>;
  #made: TypedTableView<Row> | undefined;

  constructor(make: () => ChunkedWork<TypedTableView<Row>>) {
    this.#make = make;
  }

  get isReady(): boolean {
    return this.#made !== undefined;
  }

  *preparing(): ChunkedWork<TypedTableView<Row>> {
    this.#made ??= yield* this.#make();
    return this.#made;
  }
}

export function buildViewModelNow(snapshot: Snapshot, state: ViewState, problems: readonly Problem[] = []): ViewModel {
  return runToEnd(buildViewModel(snapshot, state, problems, []));
}

/** `wanted`: the tables to build now; others are built on request. `history`: for averages. */
export function* buildViewModel(
  snapshot: Snapshot,
  state: ViewState,
  problems: readonly Problem[],
  wanted: readonly TableId[],
  history = new RateHistory(),
): ChunkedWork<ViewModel> {
  const context = { names: state.names, now: snapshot.at };
  const grouping = groupingContext(state.grouping, snapshot.agents);
  const filter = parseFilter(state.filter);
  const tests = [
    filter.ok && state.filter !== '' ? (connection: Connection) => filter.match(connection, snapshot.at) : undefined,
    STATE_TESTS[state.stateFilter],
    state.family === 0 ? undefined : (connection: Connection) => connection.family === state.family,
  ].filter((test) => test !== undefined);
  const all = countedConnections(snapshot);
  const filtered = tests.length === 0 ? all : yield* filterChunked(all, (one) => tests.every((test) => test(one)));
  const drilled = drillDownPredicate(state, grouping, problems, snapshot.agents);
  const held = new Set(all === snapshot.connections ? [] : snapshot.held);
  const complete = held.size === 0 ? filtered : yield* filterChunked(filtered, (one) => !held.has(one));
  const shown = drilled === undefined ? complete : yield* filterChunked(complete, drilled);
  // Every header shows this sum, so it is cached with the list.
  totalRate(all);
  yield;
  const { sorts } = state;
  const make: { readonly [Id in TableId]: () => ChunkedWork<TypedTableView<RowOf[Id]>> } = {
    *connections() {
      let heaviest = 0;
      yield* forEachChunked(shown, (connection) => {
        heaviest = Math.max(heaviest, sumRates(connection) ?? 0);
      });
      const means = averageColumns<Connection>(({ id }) => history.averages(connectionSeries(id), snapshot.at));
      const allColumns = withAverages(CONNECTION_COLUMNS, means);
      return yield* buildTable({
        rows: shown,
        columns: allColumns.filter(({ wide }) => state.wide || !wide),
        allColumns,
        sort: sorts.connections,
        context,
        key: ({ id }) => id,
        tieBreak: (connection) => (isUnanswered(connection) ? 0 : 1),
        style: connectionStyle(heaviest),
        mark: signs(snapshot),
      });
    },
    *nodes() {
      const rows = yield* nodeRows(snapshot.agents, filtered);
      const style = nodeStyle(rows);
      const key = ({ agent }: NodeRow) => agent.key;
      const means = averageColumns<NodeRow>(({ agent }) => history.averages(agentSeries(agent.key), snapshot.at));
      const allColumns = withAverages(NODE_COLUMNS, means);
      const columns = allColumns.filter(({ wide }) => state.wide || !wide);
      return yield* buildTable({ rows, columns, allColumns, sort: sorts.nodes, context, key, style });
    },
    *workloads() {
      const rows = yield* workloadRows(filtered, state.workloadGrouping);
      const columns = workloadColumns(state.workloadGrouping);
      const style = trafficStyle(rows);
      return yield* buildTable({ rows, columns, sort: sorts.workloads, context, key: ({ name }) => name, style });
    },
    *services() {
      const rows = yield* serviceRows(filtered);
      const style = trafficStyle(rows);
      return yield* buildTable({
        rows,
        columns: SERVICE_COLUMNS,
        sort: sorts.services,
        context,
        key: ({ key }) => key,
        style,
      });
    },
    *problems() {
      return yield* buildTable<Problem>({
        rows: yield* filteredProblems(problems, state.filter, snapshot),
        columns: PROBLEM_COLUMNS,
        sort: sorts.problems,
        context,
        key: ({ key }) => key,
        style: problemStyle,
      });
    },
    *agents() {
      return yield* buildTable({
        rows: yield* filteredAgents(state.filter, snapshot),
        columns: AGENT_COLUMNS.filter(({ wide }) => state.wide || !wide),
        allColumns: AGENT_COLUMNS,
        sort: sorts.agents,
        context,
        key: ({ key }) => key,
        style: agentStyle,
      });
    },
  };
  const tables: Tables = {
    connections: new Lazy(make.connections),
    nodes: new Lazy(make.nodes),
    workloads: new Lazy(make.workloads),
    services: new Lazy(make.services),
    problems: new Lazy(make.problems),
    agents: new Lazy(make.agents),
  };
  const viewModel: ViewModel = {
    snapshot,
    filtered,
    shown,
    grouping,
    problems,
    ...(filter.ok ? {} : { filterError: filter }),
    rowAt: (id, index) => runToEnd(tables[id].preparing()).rowAt(index),
    table: (id) => runToEnd<TableView>(tables[id].preparing()),
    isReady: (id) => tables[id].isReady,
    *prepareChunked(ids) {
      for (const id of ids) yield* tables[id].preparing();
    },
  };
  yield* viewModel.prepareChunked(wanted);
  return viewModel;
}

/** "◐ 1m35s" for a row that no live agent sees, with the age of its data. "✗" for an unanswered row if no visible column shows it. */
function signs({ agents, at }: Snapshot): (connection: Connection, shown: ReadonlySet<string>) => string {
  const seen = new Map(agents.map(({ key, lastSeenAt }) => [key, lastSeenAt]));
  return (connection, shown) => {
    const { stale, hops } = connection;
    if (!stale) return !shown.has('state') && isUnanswered(connection) ? '✗' : '';
    const last = Math.max(...hops.map(({ agent }) => seen.get(agent) ?? 0));
    return last > 0 ? `◐ ${formatAge((at - last) / 1000)}` : '◐';
  };
}

const OPENING = new Set(['SYN_SENT', 'SYN_RECV', 'SYN_SENT2', 'COOKIE_WAIT', 'COOKIE_ECHOED', 'REQUEST', 'RESPOND']);
const OPEN = new Set(['ESTABLISHED', 'OPEN', 'PARTOPEN']);

const STATE_TESTS: Record<StateFilter, ((connection: Connection) => boolean) | undefined> = {
  all: undefined,
  unanswered: isUnanswered,
  established: ({ state }) => OPEN.has(stateName(state)),
  opening: ({ state }) => OPENING.has(stateName(state)),
  closing: ({ state }) => state !== 0 && !OPEN.has(stateName(state)) && !OPENING.has(stateName(state)),
};
