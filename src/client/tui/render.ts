import { formatCount } from '../format/numbers.ts';
import type { PlaybackStatus } from '../recording/playback.ts';
import type { History } from '../traffic/rate-history.ts';
import type { GraphPicture } from './graph-pane/graph-pane.ts';
import { graphKey } from './input/graph-cursor.ts';
import type { Offer } from './input/offers.ts';
import type { Scene } from './input/transition.ts';
import { details } from './panes/details.ts';
import { NOTHING_MATCHES, whyEmpty } from './panes/empty.ts';
import { footer } from './panes/footer.ts';
import { graphSummary } from './panes/graph-details.ts';
import { header } from './panes/header.ts';
import { help } from './panes/help.ts';
import { noticeLines } from './panes/notices.ts';
import { promptLines } from './panes/prompt-lines.ts';
import { tableWindow } from './panes/table.ts';
import type { PaneId, TableId, ViewState } from './state.ts';
import type { Widgets } from './terminal/widgets.ts';
import { broken, span, wrap } from './text/line.ts';
import type { ColourDepth } from './text/style.ts';
import { cellsIn, LEAST_HEIGHT, LEAST_WIDTH, layout, type Rect, rowsIn } from './view-model/layout.ts';
import { isTable, selectedIndex, shownTable, topFor } from './view-model/table-cursor.ts';
import type { TableData } from './view-model/table-view.ts';
import type { Derived } from './view-model/view-model.ts';

export interface Drawing {
  readonly state: ViewState;
  readonly derived: Derived;
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
  readonly scene: Scene;
  readonly widgets: Widgets;
  readonly history: History;
  readonly graph: GraphPicture;
  readonly depth: ColourDepth;
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
export function draw(drawing: Drawing): { state: ViewState; watched: ReadonlySet<number> } {
  const { state, derived, width, height, widgets } = drawing;
  const notices = drawing.waiting ? [] : noticeLines(derived.snapshot, width, height);
  const rects = layout(state, width, height, notices.length);
  const watched = new Set<number>();
  if (rects === undefined) {
    widgets.notice([[span(`kflow needs ${LEAST_WIDTH}×${LEAST_HEIGHT}; this is ${width}×${height}`)]]);
    return { state, watched };
  }
  const { snapshot } = derived;
  const panes = state.help ? [{ id: 'details' as const, rect: wholeBody(width, height) }] : rects.panes;
  widgets.showOnly(panes.map(({ id }) => id));
  widgets.bar(
    'header',
    rects.header,
    drawing.waiting
      ? [span(' kflow', 'focus'), span(' · connecting …', 'dim')]
      : header(snapshot, state, derived.problems, drawing.now, width, drawing.playback),
  );
  widgets.notices(rects.notices, notices);
  const { prompt } = state;
  if (prompt === undefined)
    widgets.bar('footer', rects.footer, footer(state, drawing.pending, width, drawing.playback?.state));
  else {
    const { line, above } = promptLines(state, prompt, drawing.scene, width);
    widgets.bar('footer', rects.footer, line);
    widgets.overlay({ ...rects.footer, y: rects.footer.y - 1 }, above);
  }
  if (state.help) return { state: drawHelp(drawing), watched };
  let next = state;
  for (const { id, rect } of panes) {
    if (isTable(id)) next = drawTable(drawing, next, id, rect, watched);
    else if (id === 'graph') drawGraphPane(drawing, rect);
    else next = drawDetails(drawing, next, rect);
  }
  return { state: next, watched };
}

function wholeBody(width: number, height: number): Rect {
  return { x: 0, y: 1, width, height: height - 2 };
}

function drawHelp({ state, derived, widgets, width, height }: Drawing): ViewState {
  const rect = wholeBody(width, height);
  const lines = help(derived.table(shownTable(state)).columns, rect.width - 2);
  const top = Math.max(0, Math.min(state.helpTop, lines.length - (rect.height - 2)));
  const more = top + rect.height - 2 < lines.length ? ' · more below' : '';
  widgets.box('details', rect, `Help${more}`, true, lines.slice(top));
  return { ...state, helpTop: top };
}

function drawTable(drawing: Drawing, state: ViewState, id: TableId, rect: Rect, watched: Set<number>): ViewState {
  const { derived, widgets } = drawing;
  const focused = state.focus === id;
  if (!derived.isReady(id)) {
    // It is being made; keys do not wait for it.
    widgets.table(id, rect, `${TITLES[id]} …`, focused, { widths: [1], headings: [''], rows: [], hidden: 0 }, -1);
    return state;
  }
  const data = derived.table(id);
  const rows = rowsIn(rect);
  const index = selectedIndex(state, id, data);
  const top = topFor(state.tops[id], index, rows, data.size);
  const view = { wide: state.wide, left: state.lefts[id] };
  const window = tableWindow(data, state.sorts[id], top, rows, cellsIn(rect), drawing.depth, view);
  const last = Math.min(data.size, top + rows);
  const label = title(rect, [
    `${TITLES[id]} ${formatCount(data.size)}`,
    id === 'workloads' ? `by ${state.talkersBy} (o)` : '',
    data.size > rows ? `${formatCount(top + 1)}–${formatCount(last)}` : '',
    window.hidden > 0 ? `${window.hidden} more ${window.hidden === 1 ? 'column' : 'columns'} ({ })` : '',
  ]);
  if (data.size === 0) {
    const all = id === 'problems' ? derived.problems : id === 'agents' ? derived.snapshot.agents : [];
    const isFiltered = all.length > 0 && state.filter !== '';
    const reasons = isFiltered
      ? [NOTHING_MATCHES]
      : whyEmpty(drawing.waiting ? undefined : derived.snapshot, { ...state, focus: id }, drawing.offers);
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
  return { ...state, selections, tops: { ...state.tops, [id]: top } };
}

function noteRows({ state, derived, history }: Drawing, id: TableId, data: TableData, from: number, to: number): void {
  const rate = data.columns.findIndex((column) => column.id === 'rate');
  for (let row = from; row < to; row++) {
    const [key, value] = [data.keyAt(row), data.value(row, rate)];
    const known = typeof value === 'number' ? value : undefined;
    if (key !== undefined) history.noteShown(id, key, state.talkersBy, derived.snapshot.at, known);
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

function drawGraphPane({ state, derived, widgets, graph, history }: Drawing, rect: Rect): void {
  if (!graph.isReady(derived)) {
    widgets.box('graph', rect, `Graph by ${state.grouping} …`, state.focus === 'graph', []);
    return;
  }
  const selected = state.subject === 'graph' ? graphKey(state) : undefined;
  const lines = graph.draw(derived, rect.width - 2, rect.height - 2, selected);
  graph.note(history, derived.snapshot.at, state.grouping);
  const label = title(rect, [`Graph by ${state.grouping} (o)`, graphSummary(selected, graph.scene)]);
  widgets.box('graph', rect, label, state.focus === 'graph', lines);
}

function drawDetails(drawing: Drawing, state: ViewState, rect: Rect): ViewState {
  const { derived, widgets, graph, history, now } = drawing;
  const focused = state.focus === 'details';
  if (!derived.isReady('connections') || !derived.isReady(shownTable(state))) {
    widgets.box('details', rect, 'Details …', focused, []);
    return state;
  }
  const { title, lines: whole } = details(state, derived, graph.scene, history, now, rect.width - 2);
  const lines = whole.flatMap((line) => broken(line, rect.width - 2, 9));
  const rows = rect.height - 2;
  const detailsTop = Math.max(0, Math.min(state.detailsTop, lines.length - rows));
  const below = lines.length - detailsTop - rows;
  const more = below > 0 ? ` · ${below} more below` : '';
  widgets.box('details', rect, `${title}${more}`, focused, lines.slice(detailsTop));
  return detailsTop === state.detailsTop ? state : { ...state, detailsTop };
}
