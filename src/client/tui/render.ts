import { formatCount } from '../format/numbers.ts';
import type { PlaybackStatus } from '../recording/playback.ts';
import type { RateHistory } from '../traffic/rate-history.ts';
import type { GraphPane } from './graph-pane/graph-pane.ts';
import { graphKey } from './input/graph-cursor.ts';
import type { Offer } from './input/offers.ts';
import type { Frame } from './input/transition.ts';
import { renderDetails } from './panes/details.ts';
import { emptyTableMessage, NOTHING_MATCHES } from './panes/empty.ts';
import { renderFooter } from './panes/footer.ts';
import { renderGraphSummary } from './panes/graph-details.ts';
import { renderHeader } from './panes/header.ts';
import { renderHelp } from './panes/help.ts';
import { renderNotices } from './panes/notices.ts';
import { renderPrompt } from './panes/prompt-lines.ts';
import { renderTable } from './panes/table.ts';
import type { PaneId, TableId, ViewState } from './state.ts';
import type { Widgets } from './terminal/widgets.ts';
import { span, wrap, wrapLine } from './text/line.ts';
import type { ColorDepth } from './text/style.ts';
import { cellsIn, computeLayout, MIN_HEIGHT, MIN_WIDTH, type Rect, visibleRows } from './view-model/layout.ts';
import { activeTable, isTablePane, scrollOffsetFor, selectedIndex } from './view-model/table-cursor.ts';
import type { TableView } from './view-model/table-view.ts';
import type { ViewModel } from './view-model/view-model.ts';

export interface RenderInput {
  readonly state: ViewState;
  readonly viewModel: ViewModel;
  /** Nothing is known yet. */
  readonly waiting: boolean;
  readonly width: number;
  readonly height: number;
  /** Unix time in milliseconds. */
  readonly now: number;
  /** Of a recording that is played. */
  readonly playback?: PlaybackStatus | undefined;
  /** Of a console with nothing to show. */
  readonly offers: readonly Offer[];
  /** Keys that wait for others. */
  readonly pending: string;
  readonly scene: Frame;
  readonly widgets: Widgets;
  readonly history: RateHistory;
  readonly graph: GraphPane;
  readonly depth: ColorDepth;
}

const TITLES: Record<PaneId, string> = {
  nodes: 'Nodes',
  connections: 'Connections',
  workloads: 'Workloads',
  services: 'Services and ports',
  problems: 'Problems',
  agents: 'Agents',
  graph: 'Graph',
  details: 'Details',
};

/** Fills the widgets. Gives the state with the rows scrolled to where they were drawn, and the connections on the screen. */
export function render(drawing: RenderInput): { state: ViewState; watched: ReadonlySet<number> } {
  const { state, viewModel, width, height, widgets } = drawing;
  const notices = drawing.waiting ? [] : renderNotices(viewModel.snapshot, width, height);
  const rects = computeLayout(state, width, height, notices.length);
  const watched = new Set<number>();
  if (rects === undefined) {
    widgets.notice([[span(`kflow needs ${MIN_WIDTH}×${MIN_HEIGHT}; this is ${width}×${height}`)]]);
    return { state, watched };
  }
  const { snapshot } = viewModel;
  const panes = state.help ? [{ id: 'details' as const, rect: wholeBody(width, height) }] : rects.panes;
  widgets.showOnly(panes.map(({ id }) => id));
  widgets.bar(
    'header',
    rects.header,
    drawing.waiting
      ? [span(' kflow', 'focus'), span(' · connecting …', 'dim')]
      : renderHeader(snapshot, state, viewModel.problems, drawing.now, width, drawing.playback),
  );
  widgets.notices(rects.notices, notices);
  const { prompt } = state;
  if (prompt === undefined)
    widgets.bar('footer', rects.footer, renderFooter(state, drawing.pending, width, drawing.playback?.state));
  else {
    const { line, above } = renderPrompt(state, prompt, drawing.scene, width);
    widgets.bar('footer', rects.footer, line);
    widgets.overlay({ ...rects.footer, y: rects.footer.y - 1 }, above);
  }
  if (state.help) return { state: drawHelp(drawing), watched };
  let next = state;
  for (const { id, rect } of panes) {
    if (isTablePane(id)) next = drawTable(drawing, next, id, rect, watched);
    else if (id === 'graph') drawGraphPane(drawing, rect);
    else next = drawDetails(drawing, next, rect);
  }
  return { state: next, watched };
}

function wholeBody(width: number, height: number): Rect {
  return { x: 0, y: 1, width, height: height - 2 };
}

function drawHelp({ state, viewModel, widgets, width, height }: RenderInput): ViewState {
  const rect = wholeBody(width, height);
  const lines = renderHelp(viewModel.table(activeTable(state)).columns, rect.width - 2);
  const top = Math.max(0, Math.min(state.helpScroll, lines.length - (rect.height - 2)));
  const more = top + rect.height - 2 < lines.length ? ' · more below' : '';
  widgets.box('details', rect, `Help${more}`, true, lines.slice(top));
  return { ...state, helpScroll: top };
}

function drawTable(drawing: RenderInput, state: ViewState, id: TableId, rect: Rect, watched: Set<number>): ViewState {
  const { viewModel, widgets } = drawing;
  const focused = state.focus === id;
  if (!viewModel.isReady(id)) {
    // It is being made; keys do not wait for it.
    widgets.table(id, rect, `${TITLES[id]} …`, focused, { widths: [1], headings: [''], rows: [], hidden: 0 }, -1);
    return state;
  }
  const data = viewModel.table(id);
  const rows = visibleRows(rect);
  const index = selectedIndex(state, id, data);
  const top = scrollOffsetFor(state.scrollOffsets[id], index, rows, data.size);
  const view = { wide: state.wide, left: state.columnOffsets[id] };
  const window = renderTable(data, state.sorts[id], top, rows, cellsIn(rect), drawing.depth, view);
  const last = Math.min(data.size, top + rows);
  const label = title(rect, [
    `${TITLES[id]} ${formatCount(data.size)}`,
    id === 'workloads' ? `by ${state.workloadGrouping} (o)` : '',
    data.size > rows ? `${formatCount(top + 1)}–${formatCount(last)}` : '',
    window.hidden > 0 ? `${window.hidden} more ${window.hidden === 1 ? 'column' : 'columns'} ({ })` : '',
  ]);
  if (data.size === 0) {
    const all = id === 'problems' ? viewModel.problems : id === 'agents' ? viewModel.snapshot.agents : [];
    const isFiltered = all.length > 0 && state.filter !== '';
    const reasons = isFiltered
      ? [NOTHING_MATCHES]
      : emptyTableMessage(drawing.waiting ? undefined : viewModel.snapshot, { ...state, focus: id }, drawing.offers);
    const lines = reasons.flatMap((reason) => wrap(reason, Math.max(10, rect.width - 4)));
    widgets.table(
      id,
      rect,
      label,
      focused,
      {
        ...window,
        widths: [rect.width - 3],
        headings: [window.headings.join(' ')],
        rows: lines.map((line) => [` ${line}`]),
      },
      -1,
    );
    return state;
  }
  widgets.table(id, rect, label, focused, window, index - top);
  if (id === 'connections') for (let row = top; row < last; row++) watched.add(Number(data.keyAt(row)));
  if (id === 'workloads' || id === 'services') noteRows(drawing, id, data, top, last);
  const selections =
    state.selections[id].key === undefined
      ? state.selections
      : { ...state.selections, [id]: { ...state.selections[id], index } };
  return { ...state, selections, scrollOffsets: { ...state.scrollOffsets, [id]: top } };
}

function noteRows(
  { state, viewModel, history }: RenderInput,
  id: TableId,
  data: TableView,
  from: number,
  to: number,
): void {
  const rate = data.columns.findIndex((column) => column.id === 'rate');
  for (let row = from; row < to; row++) {
    const [key, value] = [data.keyAt(row), data.value(row, rate)];
    const known = typeof value === 'number' ? value : undefined;
    if (key !== undefined) history.addShownSample(id, key, state.workloadGrouping, viewModel.snapshot.at, known);
  }
}

/** As many of the parts as there is room for, the first in any case. */
function title(rect: Rect, parts: readonly string[]): string {
  let text = '';
  for (const part of parts.filter((one) => one !== '')) {
    const longer = text === '' ? part : `${text} · ${part}`;
    if (text !== '' && longer.length > rect.width - 8) break;
    text = longer;
  }
  return text;
}

function drawGraphPane({ state, viewModel, widgets, graph, history }: RenderInput, rect: Rect): void {
  if (!graph.isReady(viewModel)) {
    widgets.box('graph', rect, `Graph by ${state.grouping} …`, state.focus === 'graph', []);
    return;
  }
  const selected = state.detailTarget === 'graph' ? graphKey(state) : undefined;
  const lines = graph.draw(viewModel, rect.width - 2, rect.height - 2, selected);
  graph.recordRates(history, viewModel.snapshot.at, state.grouping);
  const label = title(rect, [`Graph by ${state.grouping} (o)`, renderGraphSummary(selected, graph.drawn)]);
  widgets.box('graph', rect, label, state.focus === 'graph', lines);
}

function drawDetails(drawing: RenderInput, state: ViewState, rect: Rect): ViewState {
  const { viewModel, widgets, graph, history, now } = drawing;
  const focused = state.focus === 'details';
  if (!viewModel.isReady('connections') || !viewModel.isReady(activeTable(state))) {
    widgets.box('details', rect, 'Details …', focused, []);
    return state;
  }
  const { title, lines: whole } = renderDetails(state, viewModel, graph.drawn, history, now, rect.width - 2);
  const lines = whole.flatMap((line) => wrapLine(line, rect.width - 2, 9));
  const rows = rect.height - 2;
  const detailsScroll = Math.max(0, Math.min(state.detailsScroll, lines.length - rows));
  const below = lines.length - detailsScroll - rows;
  const more = below > 0 ? ` · ${below} more below` : '';
  widgets.box('details', rect, `${title}${more}`, focused, lines.slice(detailsScroll));
  return detailsScroll === state.detailsScroll ? state : { ...state, detailsScroll };
}
