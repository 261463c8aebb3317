import type { Derived } from '../data/derive.ts';
import type { TableData } from '../data/table-data.ts';
import type { ExportFormat } from '../export/format.ts';
import { EXPORT_DEFAULT } from '../export/registry.ts';
import { GROUPINGS } from '../graph/grouping.ts';
import type { GraphScene } from '../graph/scene.ts';
import type { ActionName } from '../keys/keymap.ts';
import { beside, type Layout, rowsIn } from '../layout.ts';
import type { OfferId } from '../offers.ts';
import { enter } from './enter.ts';
import { openPrompt } from './prompt.ts';
import { isTable, moveTo, selectedIndex, shownTable } from './select.ts';
import { type Sort, STATE_FILTERS, TALKERS_BY, VIEW_IDS, type ViewId, type ViewState } from './state.ts';
import { walk, walkBack, walkEdges, walkToEnd } from './walk.ts';

/** What an action asks of the world outside the state. */
export type Effect =
  | { readonly kind: 'quit' | 'interrupt' | 'suspend' | 'copy' }
  | { readonly kind: 'export'; readonly format: ExportFormat; readonly file?: string }
  | { readonly kind: 'offer'; readonly id: OfferId };

export interface Acted {
  readonly state: ViewState;
  readonly effect?: Effect;
}

export interface Scene {
  readonly derived: Derived;
  readonly panes: Layout['panes'];
  /** The graph as it was drawn last. */
  readonly graph: GraphScene;
}

type Handler = (state: ViewState, scene: Scene, count: number | undefined) => ViewState;

const EFFECTS: Partial<Record<ActionName, Effect>> = {
  quit: { kind: 'quit' },
  interrupt: { kind: 'interrupt' },
  suspend: { kind: 'suspend' },
  copy: { kind: 'copy' },
  export: { kind: 'export', ...EXPORT_DEFAULT },
  'offer-example': { kind: 'offer', id: 'example' },
  'offer-tracking': { kind: 'offer', id: 'tracking' },
  'offer-demo': { kind: 'offer', id: 'demo' },
};

/** What an action makes of the state. Pure: `scene` is what was on the screen when the key was pressed. */
export function act(state: ViewState, action: ActionName, scene: Scene, count?: number): Acted {
  const { message: _, ...quiet } = state;
  const effect = EFFECTS[action];
  if (effect !== undefined) return { state: quiet, effect };
  if (quiet.help && !action.startsWith('view-')) return { state: inHelp(quiet, action) };
  if (action.startsWith('view-')) return { state: toView(quiet, VIEW_IDS[Number(action.slice(5)) - 1] ?? 'overview') };
  const handler = HANDLERS[action];
  return { state: handler === undefined ? quiet : handler(quiet, scene, count) };
}

export function toView(state: ViewState, view: ViewId): ViewState {
  const focus = view === 'overview' ? 'connections' : view;
  return {
    ...state,
    view,
    focus,
    zoomed: false,
    help: false,
    trail: [],
    ...(isTable(focus) || focus === 'graph' ? { subject: focus } : {}),
  };
}

const HELP_STEPS: Partial<Record<ActionName, number>> = {
  down: 1,
  up: -1,
  'half-down': 10,
  'half-up': -10,
  'page-down': 20,
  'page-up': -20,
  first: -1e6,
  last: 1e6,
};

function inHelp(state: ViewState, action: ActionName): ViewState {
  const step = HELP_STEPS[action];
  if (step === undefined) return { ...state, help: false, helpTop: 0 };
  return { ...state, helpTop: Math.max(0, state.helpTop + step) };
}

function move(rows: (page: number, count: number | undefined) => number): Handler {
  return (state, scene, count) => {
    const { focus } = state;
    if (focus === 'details')
      return { ...state, detailsTop: Math.max(0, state.detailsTop + Math.sign(rows(10, count))) };
    if (focus === 'graph') {
      const steps = rows(1, count);
      return walk(state, scene.graph, steps > 0 ? 'down' : 'up', Math.abs(steps)) ?? state;
    }
    const pane = scene.panes.find(({ id }) => id === focus);
    const page = pane === undefined ? 10 : rowsIn(pane.rect);
    const table = scene.derived.table(focus);
    return moveTo(state, focus, selectedIndex(state, focus, table) + rows(page, count), table, page);
  };
}

/** To a row that the count names, or else to one end. */
function toRow(end: number): Handler {
  return (state, scene, count) => {
    const { focus } = state;
    if (focus === 'graph') return walkToEnd(state, scene.graph, end === 0 ? 'first' : 'last');
    if (!isTable(focus)) return move(() => (end === 0 ? -1e9 : 1e9))(state, scene, undefined);
    const pane = scene.panes.find(({ id }) => id === focus);
    const table = scene.derived.table(focus);
    return moveTo(state, focus, count === undefined ? end : count - 1, table, pane ? rowsIn(pane.rect) : 10);
  };
}

function focusBy(find: (state: ViewState, scene: Scene) => ViewState['focus'] | undefined): Handler {
  return (state, scene) => {
    const focus = find(state, scene);
    if (focus === undefined) return state;
    const subject = isTable(focus) || focus === 'graph' ? focus : state.subject;
    return { ...state, focus, subject };
  };
}

function neighbour(step: 1 | -1) {
  return (state: ViewState, { panes }: Scene) => {
    const at = panes.findIndex(({ id }) => id === state.focus);
    return panes[(at + step + panes.length) % panes.length]?.id;
  };
}

function sortBy(change: (sort: Sort, columns: TableData['columns']) => Partial<Sort> | undefined): Handler {
  return (state, { derived }) => {
    const id = shownTable(state);
    const changed = change(state.sorts[id], derived.table(id).columns);
    if (changed === undefined) return state;
    return { ...state, sorts: { ...state.sorts, [id]: { ...state.sorts[id], ...changed } } };
  };
}

function sortBeside(step: 1 | -1): Handler {
  return (state, scene) =>
    sortBy((sort, columns) => {
      const at = placeOf(sort.column, step, columns, scene.derived.table(shownTable(state)));
      const column = columns[(at + step + columns.length) % columns.length];
      return column && { column: column.id, direction: column.first };
    })(state, scene, undefined);
}

/** A column that is not shown is where those are that it is the sum of. */
function placeOf(id: string, step: 1 | -1, columns: TableData['columns'], { laidOut }: TableData): number {
  const at = columns.findIndex((column) => column.id === id);
  if (at >= 0) return at;
  const parts = laidOut.find((column) => column.id === id)?.parts ?? [];
  const places = columns.flatMap((column, i) => (parts.includes(column.id) ? [i] : []));
  return (step > 0 ? places.at(-1) : places[0]) ?? (step > 0 ? -1 : 0);
}

/** What tells, in one table or the other, how a row is. */
const STATE_COLUMNS = ['state', 'status', 'severity'];

const HANDLERS: Partial<Record<ActionName, Handler>> = {
  down: move((_, count = 1) => count),
  up: move((_, count = 1) => -count),
  'half-down': move((page, count = 1) => Math.max(1, Math.floor(page / 2)) * count),
  'half-up': move((page, count = 1) => -Math.max(1, Math.floor(page / 2)) * count),
  'page-down': move((page, count = 1) => Math.max(1, page) * count),
  'page-up': move((page, count = 1) => -Math.max(1, page) * count),
  first: toRow(0),
  last: toRow(Number.MAX_SAFE_INTEGER),
  'pane-left': (state, scene, count) => {
    const walked = state.focus === 'graph' ? walk(state, scene.graph, 'left', count) : undefined;
    if (walked !== undefined) return walked;
    return beside(scene.panes, state.focus, 'left') === undefined
      ? { ...state, help: true, helpTop: 0 }
      : focusBy(() => beside(scene.panes, state.focus, 'left'))(state, scene, count);
  },
  'pane-right': (state, scene, count) =>
    (state.focus === 'graph' ? walk(state, scene.graph, 'right', count) : undefined) ??
    focusBy(() => beside(scene.panes, state.focus, 'right'))(state, scene, count),
  'edge-next': (state, { graph }, count) => walkEdges(toGraph(state), graph, count ?? 1),
  'edge-previous': (state, { graph }, count) => walkEdges(toGraph(state), graph, -(count ?? 1)),
  'pane-next': focusBy(neighbour(1)),
  'pane-previous': focusBy(neighbour(-1)),
  'sort-left': sortBeside(-1),
  'sort-right': sortBeside(1),
  'sort-reverse': sortBy((sort) => ({ direction: sort.direction === 'ascending' ? 'descending' : 'ascending' })),
  'sort-state': (state, scene, count) => {
    const table = scene.derived.table(shownTable(state));
    const column = table.columns.find(({ id }) => STATE_COLUMNS.includes(id));
    if (column === undefined) return said(state, 'this table has no column of states');
    return sortBy(() => ({ column: column.id, direction: column.first }))(state, scene, count);
  },
  filter: (state) => openPrompt(state, 'filter', state.filter),
  command: (state) => openPrompt(state, 'command', ''),
  'cycle-state': (state) => ({ ...state, stateFilter: following(STATE_FILTERS, state.stateFilter) }),
  'cycle-family': (state) => ({ ...state, family: following([0, 4, 6] as const, state.family) }),
  'toggle-names': (state) => ({ ...state, names: !state.names }),
  'toggle-wide': (state) => ({ ...state, wide: !state.wide }),
  'cycle-group': (state) => {
    if (state.view === 'workloads') return { ...state, talkersBy: following(TALKERS_BY, state.talkersBy) };
    if (state.view === 'overview' || state.view === 'graph')
      return { ...state, grouping: following(GROUPINGS, state.grouping) };
    return said(state, 'o groups the graph (views 1 and 5) and the workloads (view 3)');
  },
  zoom: (state) => ({ ...state, zoomed: !state.zoomed }),
  freeze: (state, { derived }) => {
    const { frozen, ...going } = state;
    return frozen === undefined ? { ...state, frozen: derived.snapshot } : going;
  },
  'seek-back': onlyRecordings,
  'seek-forth': onlyRecordings,
  slower: onlyRecordings,
  faster: onlyRecordings,
  enter,
  back: (state) => {
    const last = state.trail.at(-1);
    const stepped = walkBack(state);
    if (stepped !== undefined) return stepped;
    if (state.zoomed) return { ...state, zoomed: false };
    if (last !== undefined) {
      const { drill: _, ...rest } = state;
      return { ...rest, ...last, trail: state.trail.slice(0, -1) };
    }
    return withoutDrill({ ...state, filter: '' });
  },
  'drop-drill': withoutDrill,
  help: (state) => ({ ...state, help: true, helpTop: 0 }),
};

/** What is live has one time and one pace. */
function onlyRecordings(state: ViewState): ViewState {
  return said(state, 'that is for recordings: kflow replay FILE');
}

function said(state: ViewState, text: string): ViewState {
  return { ...state, message: { kind: 'info', text } };
}

function withoutDrill(state: ViewState): ViewState {
  const { drill: _, ...rest } = state;
  return { ...rest, trail: [] };
}

/** The keys of the graph's lines are of no other use: they go there, where it is on the screen. */
function toGraph(state: ViewState): ViewState {
  return state.view === 'graph' || (state.view === 'overview' && !state.zoomed) ? { ...state, focus: 'graph' } : state;
}

function following<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] as T;
}
