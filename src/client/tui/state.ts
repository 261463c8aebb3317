import type { GraphSelection } from '../graph/selection.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Grouping } from '../traffic/grouping.ts';
import type { WorkloadGrouping } from '../traffic/workload-rows.ts';

export const VIEW_IDS = ['overview', 'connections', 'workloads', 'services', 'graph', 'problems', 'agents'] as const;
export type ViewId = (typeof VIEW_IDS)[number];

export type TableId = 'nodes' | 'connections' | 'workloads' | 'services' | 'problems' | 'agents';
export type PaneId = TableId | 'graph' | 'details';

export type RowKey = string | number;

export interface Sort {
  readonly column: string;
  readonly direction: 'ascending' | 'descending';
}

/** The row of the cursor. Without a key it is the row with that index: the cursor has not moved yet. */
export interface Selection {
  readonly key?: RowKey;
  readonly index: number;
}

/** Restricts the connections to those of a row in another table, a box or an edge. */
export type Drill =
  | { readonly kind: 'node'; readonly node: string; readonly label: string }
  | ({ readonly kind: 'graph'; readonly grouping: Grouping; readonly label: string } & GraphSelection)
  | {
      readonly kind: 'rows';
      readonly table: TableId;
      readonly key: RowKey;
      readonly label: string;
      readonly workloadGrouping: WorkloadGrouping;
    };

export type StateFilter = 'all' | 'unanswered' | 'established' | 'opening' | 'closing';
export const STATE_FILTERS: readonly StateFilter[] = ['all', 'unanswered', 'established', 'opening', 'closing'];

export interface Prompt {
  readonly kind: 'filter' | 'command';
  readonly text: string;
  /** Characters before the cursor. */
  readonly cursor: number;
  /** The index in the history, counted from the newest; 0: the line that is being typed. */
  readonly historyIndex: number;
  /** The typed line, kept while the history is shown. */
  readonly draft: string;
}

export interface Message {
  readonly text: string;
  readonly kind: 'info' | 'error';
}

/** Everything that keys change. Data is in the `ViewModel`. */
export interface ViewState {
  readonly view: ViewId;
  readonly focus: PaneId;
  readonly zoomed: boolean;
  readonly help: boolean;
  readonly helpScroll: number;
  readonly filter: string;
  readonly stateFilter: StateFilter;
  readonly family: 0 | 4 | 6;
  readonly names: boolean;
  /** External addresses are resolved by reverse DNS. Absent: it is not available. */
  readonly resolve?: boolean;
  readonly wide: boolean;
  /** The grouping of the graph. */
  readonly grouping: Grouping;
  readonly workloadGrouping: WorkloadGrouping;
  readonly drill?: Drill;
  readonly sorts: Readonly<Record<TableId, Sort>>;
  readonly selections: Readonly<Record<TableId | 'graph', Selection>>;
  /** The first row shown. */
  readonly scrollOffsets: Readonly<Record<TableId, number>>;
  /** How many columns after the first are scrolled away to the left. */
  readonly columnOffsets: Readonly<Record<TableId, number>>;
  /** The pane with the row of the details. */
  readonly detailTarget: TableId | 'graph';
  readonly prompt?: Prompt;
  /** The history of prompts, the newest at the end. */
  readonly promptHistory: Readonly<Record<Prompt['kind'], readonly string[]>>;
  readonly message?: Message;
  /** y confirms; any other key means no. */
  readonly question?: { readonly action: SuggestedActionId; readonly text: string };
  readonly frozen?: Snapshot;
  readonly detailsScroll: number;
  /** Where Enter was pressed: Esc goes back there. */
  readonly backStack: readonly BackStackEntry[];
  /** The layers that Esc closes, the newest last. */
  readonly layers: readonly Layer[];
  /** Unbound keys that have been reported. */
  readonly reportedKeys: readonly string[];
}

/** A layer that Esc closes: a step is a drill-down by Enter. */
export type Layer = 'box' | 'drill' | 'family' | 'states' | 'filter' | 'zoom' | `step ${number}`;

/** The state that Enter leaves, and Esc restores. */
export interface BackStackEntry
  extends Pick<
    ViewState,
    'view' | 'focus' | 'detailTarget' | 'zoomed' | 'selections' | 'scrollOffsets' | 'detailsScroll'
  > {
  readonly kind: 'drill' | 'details';
  /** Selections in tables of other rows than connections. */
  readonly filter?: string;
  readonly drill?: Drill;
}

const TOP: Selection = { index: 0 };

export function initialState(): ViewState {
  return {
    view: 'overview',
    focus: 'connections',
    zoomed: false,
    help: false,
    helpScroll: 0,
    filter: '',
    stateFilter: 'all',
    family: 0,
    names: true,
    wide: false,
    grouping: 'node',
    workloadGrouping: 'workload',
    sorts: {
      nodes: { column: 'rate', direction: 'descending' },
      connections: { column: 'rate', direction: 'descending' },
      workloads: { column: 'rate', direction: 'descending' },
      services: { column: 'rate', direction: 'descending' },
      problems: { column: 'severity', direction: 'descending' },
      agents: { column: 'status', direction: 'descending' },
    },
    selections: {
      nodes: TOP,
      connections: TOP,
      workloads: TOP,
      services: TOP,
      problems: TOP,
      agents: TOP,
      graph: TOP,
    },
    scrollOffsets: { nodes: 0, connections: 0, workloads: 0, services: 0, problems: 0, agents: 0 },
    columnOffsets: { nodes: 0, connections: 0, workloads: 0, services: 0, problems: 0, agents: 0 },
    detailTarget: 'connections',
    promptHistory: { filter: [], command: [] },
    detailsScroll: 0,
    backStack: [],
    layers: [],
    reportedKeys: [],
  };
}

export type SuggestedActionId = 'example' | 'tracking' | 'demo';
export function openPrompt(state: ViewState, kind: Prompt['kind'], text: string): ViewState {
  return { ...state, prompt: { kind, text, cursor: text.length, historyIndex: 0, draft: text } };
}
