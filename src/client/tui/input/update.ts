import { GROUPINGS } from '../../traffic/grouping.ts';
import { WORKLOAD_GROUPINGS } from '../../traffic/workload-rows.ts';
import { initialState, openPrompt, STATE_FILTERS, VIEW_IDS, type ViewState } from '../state.ts';
import { adjacentPane } from '../view-model/layout.ts';
import { focusOn } from '../view-model/table-cursor.ts';
import { closeNewest, showAll, stepBack, withLayers } from './back-stack.ts';
import { scrollSideways } from './column-scroll.ts';
import { drillDown } from './drill-down.ts';
import { defaultFormat, exportCommand } from './export-formats.ts';
import { cycleEdges, moveSelection } from './graph-cursor.ts';
import { inHelp, openHelp } from './help-screen.ts';
import type { ActionName } from './keymap.ts';
import { reportUnbound, withMessage, withoutMessage } from './messages.ts';
import { handleClick } from './mouse-click.ts';
import { moveBy, moveToEnd } from './move.ts';
import { paste } from './paste.ts';
import { isPlaybackAction } from './playback-control.ts';
import { handlePromptKey } from './prompt.ts';
import { sortBeside, sortByState, sortReversed } from './sort.ts';
import { switchView } from './switch-view.ts';
import type { ConsoleEvent, Effect, Frame, Transition } from './transition.ts';

type Handler = (state: ViewState, frame: Frame, count: number | undefined) => ViewState;

const EFFECTS: Partial<Record<ActionName, Effect>> = {
  quit: { kind: 'quit' },
  interrupt: { kind: 'interrupt' },
  suspend: { kind: 'suspend' },
  copy: { kind: 'copy' },
  'replay-example': { kind: 'suggested-action', id: 'example' },
  'start-tracking': { kind: 'suggested-action', id: 'tracking' },
  'start-demo': { kind: 'suggested-action', id: 'demo' },
};

/** The new state after an event. Pure: `frame` is the screen at that time. */
export function update(state: ViewState, event: ConsoleEvent, frame: Frame): Transition {
  switch (event.kind) {
    case 'action':
      if (frame.isRecording && !state.help && isPlaybackAction(event.action))
        return { state: withoutMessage(state), effect: { kind: 'playback', action: event.action } };
      return applyAction(state, event.action, frame, event.count);
    case 'unbound':
      return { state: state.help ? state : reportUnbound(state, event.keys) };
    case 'prompt-key':
      return handlePromptKey(state, event.key, frame);
    case 'answer': {
      const { question, ...answered } = state;
      if (question === undefined || !event.isYes) return { state: answered };
      return { state: answered, effect: { kind: 'confirmed-action', id: question.action } };
    }
    case 'paste':
      return { state: paste(state, event.text) };
    case 'mouse':
      return { state: handleClick(state, event.event, frame) };
  }
}

/** The new state after an action. */
export function applyAction(state: ViewState, action: ActionName, frame: Frame, count?: number): Transition {
  const quiet = withoutMessage(state);
  if (quiet.help && action !== 'interrupt' && action !== 'suspend') return { state: inHelp(quiet, action, count) };
  const effect = EFFECTS[action];
  if (effect !== undefined) return { state: quiet, effect };
  const view = /^view-(\d)$/.exec(action)?.[1];
  const handler: Handler | undefined =
    view === undefined ? HANDLERS[action] : () => switchView(quiet, VIEW_IDS[Number(view) - 1] ?? 'overview');
  return { state: handler === undefined ? quiet : withLayers(handler(quiet, frame, count)) };
}

function viewBeside(step: 1 | -1): Handler {
  return (state) => {
    const at = VIEW_IDS.indexOf(state.view) + step + VIEW_IDS.length;
    return switchView(state, VIEW_IDS[at % VIEW_IDS.length] ?? 'overview');
  };
}

function focusBy(find: (state: ViewState, frame: Frame) => ViewState['focus'] | undefined): Handler {
  return (state, frame) => {
    const focus = find(state, frame);
    return focus === undefined ? state : focusOn(state, focus);
  };
}

function adjacent(step: 1 | -1) {
  return (state: ViewState, { panes }: Frame) => {
    const at = panes.findIndex(({ id }) => id === state.focus);
    return panes[(at + step + panes.length) % panes.length]?.id;
  };
}

const HANDLERS: Partial<Record<ActionName, Handler>> = {
  down: moveBy((_, count = 1) => count),
  up: moveBy((_, count = 1) => -count),
  'half-down': moveBy((page) => Math.max(1, Math.floor(page / 2))),
  'half-up': moveBy((page) => -Math.max(1, Math.floor(page / 2))),
  'page-down': moveBy((page) => Math.max(1, page)),
  'page-up': moveBy((page) => -Math.max(1, page)),
  first: moveToEnd('first'),
  last: moveToEnd('last'),
  'pane-left': (state, frame, count) => {
    const walked = state.focus === 'graph' ? moveSelection(state, frame.graph, 'left') : undefined;
    if (walked !== undefined) return walked;
    return adjacentPane(frame.panes, state.focus, 'left') === undefined
      ? openHelp(state)
      : focusBy(() => adjacentPane(frame.panes, state.focus, 'left'))(state, frame, count);
  },
  'pane-right': (state, frame, count) =>
    (state.focus === 'graph' ? moveSelection(state, frame.graph, 'right') : undefined) ??
    focusBy(() => adjacentPane(frame.panes, state.focus, 'right'))(state, frame, count),
  'edge-next': inGraph((state, { graph }) => cycleEdges(state, graph, 1)),
  'edge-previous': inGraph((state, { graph }) => cycleEdges(state, graph, -1)),
  'pane-next': focusBy(adjacent(1)),
  'pane-previous': focusBy(adjacent(-1)),
  'columns-left': scrollSideways(-1),
  'columns-right': scrollSideways(1),
  'sort-left': sortBeside(-1),
  'sort-right': sortBeside(1),
  'sort-reverse': sortReversed,
  'sort-state': sortByState,
  filter: (state) => openPrompt(state, 'filter', state.filter),
  command: (state) => openPrompt(state, 'command', ''),
  export: (state, { viewModel }) =>
    openPrompt(state, 'command', exportCommand(state, defaultFormat(state), viewModel.snapshot.at)),
  'cycle-state': (state) => ({ ...state, stateFilter: nextOf(STATE_FILTERS, state.stateFilter) }),
  'cycle-family': (state) => ({ ...state, family: nextOf([0, 4, 6] as const, state.family) }),
  'cycle-names': cycleNames,
  'toggle-wide': (state) => ({ ...state, wide: !state.wide, columnOffsets: initialState().columnOffsets }),
  'cycle-group': (state) => {
    if (state.view === 'workloads')
      return { ...state, workloadGrouping: nextOf(WORKLOAD_GROUPINGS, state.workloadGrouping) };
    if (state.view === 'overview' || state.view === 'graph')
      return { ...state, grouping: nextOf(GROUPINGS, state.grouping) };
    return withMessage(state, 'o groups the graph (views 1 and 5) and the workloads (view 3)');
  },
  // Details that have no room are only shown alone.
  zoom: (state) => {
    const isAlone = state.zoomed && state.focus === 'details' && state.backStack.at(-1)?.kind === 'details';
    return isAlone ? stepBack(state) : { ...state, zoomed: !state.zoomed };
  },
  freeze: (state, { viewModel }) => {
    const { frozen, ...going } = state;
    return frozen === undefined ? { ...state, frozen: viewModel.snapshot } : going;
  },
  'seek-back': onlyRecordings,
  'seek-forward': onlyRecordings,
  slower: onlyRecordings,
  faster: onlyRecordings,
  enter: drillDown,
  back: closeNewest,
  'clear-drill-down': showAll,
  help: openHelp,
  'view-next': viewBeside(1),
  'view-previous': viewBeside(-1),
};

/** Cycles through names, addresses, and names with reverse DNS. */
function cycleNames(state: ViewState): ViewState {
  const { names, resolve } = state;
  if (resolve === undefined) return { ...state, names: !names };
  if (!names) return { ...state, names: true, resolve: true };
  return resolve ? { ...state, resolve: false } : { ...state, names: false };
}

/** Only a recording has a position and a speed. */
function onlyRecordings(state: ViewState): ViewState {
  return withMessage(state, 'available only in `kflow replay`');
}

/** Keys for the graph's lines move the focus to the graph if it is on the screen. */
function inGraph(handler: Handler): Handler {
  return (state, frame, count) =>
    frame.panes.some(({ id }) => id === 'graph')
      ? handler(focusOn(state, 'graph'), frame, count)
      : withMessage(state, '. and , follow the lines of the graph (views 1 and 5)');
}

function nextOf<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] as T;
}
