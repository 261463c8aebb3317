import { formatCount } from '../format/numbers.ts';
import type { AdaptCommand } from '../problems/next-step.ts';
import type { PlaybackStatus } from '../recording/playback.ts';
import type { RateHistory } from '../traffic/rate-history.ts';
import type { GraphPane } from './graph-pane/graph-pane.ts';
import { graphKey } from './input/graph-cursor.ts';
import type { SuggestedAction } from './input/suggested-actions.ts';
import type { Frame } from './input/transition.ts';
import { renderDetails } from './panes/details.ts';
import { emptyTableMessage, NOTHING_MATCHES } from './panes/empty.ts';
import { renderFooter } from './panes/footer.ts';
import { renderGraphSummary } from './panes/graph-details.ts';
import { renderHeader } from './panes/header.ts';
import { renderHelp } from './panes/help.ts';
import { renderNotices } from './panes/notices.ts';
import { renderPrompt } from './panes/prompt-lines.ts';
import { type RenderedTable, renderTable } from './panes/table.ts';
import type { PaneId, RowKey, TableId, ViewState } from './state.ts';
import { type Line, span, wrap, wrapLine } from './text/line.ts';
import type { ColorDepth } from './text/style.ts';
import { cellsIn, computeLayout, MIN_HEIGHT, MIN_WIDTH, type Rect, visibleRows } from './view-model/layout.ts';
import type { Summaries } from './view-model/summaries.ts';
import { activeTable, isTablePane, scrollOffsetFor, selectedIndex } from './view-model/table-cursor.ts';
import type { TableView } from './view-model/table-view.ts';
import type { ViewModel } from './view-model/view-model.ts';
import type { VisibleFrame } from './view-model/view-model-builder.ts';

/** The input of a frame. */
export interface FrameInput {
  readonly state: ViewState;
  readonly viewModel: ViewModel;
  /** No data has come yet. */
  readonly isWaiting: boolean;
  readonly width: number;
  readonly height: number;
  /** Unix time in milliseconds. */
  readonly now: number;
  /** Only in a replay. */
  readonly playback?: PlaybackStatus | undefined;
  /** Actions that the console suggests while it has nothing to show. */
  readonly suggestedActions: readonly SuggestedAction[];
  /** The typed part of a key sequence. */
  readonly pendingKeys: string;
  readonly history: RateHistory;
  readonly summaries: Summaries;
  /** Keeps the positions of its boxes from one frame to the next. */
  readonly graphPane: GraphPane;
  readonly depth: ColorDepth;
  readonly adaptCommand?: AdaptCommand | undefined;
}

/** The content of a pane: a table, or lines. */
export type PaneContent = { readonly id: PaneId; readonly rect: Rect; readonly title: string } & (
  | { readonly kind: 'table'; readonly table: RenderedTable; readonly selectedRow: number }
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
);

type Visible = VisibleFrame['visible'];

/** One screen as data: input to rendering and to the next key. */
export interface ScreenFrame extends Frame {
  /** The state with the resolved rows and scroll offsets of this screen. */
  readonly state: ViewState;
  readonly width: number;
  readonly height: number;
  /** Shown instead of everything else if the screen is too small. */
  readonly onlyLine?: Line;
  readonly header: Line;
  readonly footer: Line;
  /** Above the footer. */
  readonly prompt?: Line;
  readonly notices: readonly Line[];
  readonly contents: readonly PaneContent[];
  readonly focus: PaneId;
  readonly visible: Visible;
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

const NOTHING_VISIBLE: Visible = { connections: new Set(), rows: [], isGraph: false };
const EMPTY_TABLE: RenderedTable = { widths: [1], headings: [''], rows: [], hidden: 0 };

/** Lays out one screen and fills its panes. The layout is computed here and nowhere else. */
export function buildFrame(input: FrameInput): ScreenFrame {
  const { state, viewModel, width, height, isWaiting, graphPane } = input;
  const notices = isWaiting ? [] : renderNotices(viewModel.snapshot, width, height);
  const layout = computeLayout(state, width, height, notices.length);
  const parts = layout === undefined ? undefined : fillPanes(input, layout.panes);
  const resolved = parts?.state ?? state;
  const frame: Frame = {
    viewModel,
    panes: layout?.panes ?? [],
    graph: graphPane.drawn,
    isRecording: input.playback !== undefined,
  };
  const { prompt } = state;
  const typed = prompt === undefined ? undefined : renderPrompt(state, prompt, frame, width);
  return {
    ...frame,
    state: resolved,
    width,
    height,
    ...(layout === undefined
      ? { onlyLine: [span(`kflow needs ${MIN_WIDTH}×${MIN_HEIGHT}; this is ${width}×${height}`)] }
      : {}),
    header: isWaiting
      ? [span(' kflow', 'focus'), span(' · connecting …', 'dim')]
      : renderHeader(viewModel.snapshot, state, viewModel.problems, input.now, width, input.playback),
    footer: typed?.line ?? renderFooter(state, input.pendingKeys, width, input.playback?.state),
    ...(typed === undefined ? {} : { prompt: typed.above }),
    notices,
    contents: parts?.contents ?? [],
    focus: state.help ? 'details' : state.focus,
    visible: parts?.visible ?? NOTHING_VISIBLE,
  };
}

interface Parts {
  readonly state: ViewState;
  readonly contents: readonly PaneContent[];
  readonly visible: Visible;
}

function fillPanes(input: FrameInput, panes: Frame['panes']): Parts {
  if (input.state.help) return { ...helpPane(input), visible: NOTHING_VISIBLE };
  const contents: PaneContent[] = [];
  const connections = new Set<number>();
  const rows: Visible['rows'][number][] = [];
  let { state } = input;
  // The graph must be drawn before its details.
  const graph = panes.find(({ id }) => id === 'graph');
  const drawn = graph && graphPane(input, graph.rect);
  for (const { id, rect } of panes) {
    if (id === 'graph') {
      if (drawn !== undefined) contents.push(drawn.content);
    } else if (isTablePane(id)) {
      const table = tablePane(input, state, id, rect);
      state = table.state;
      contents.push(table.content);
      for (const row of table.visible)
        if (id === 'connections') connections.add(Number(row.key));
        else if (id === 'workloads' || id === 'services') rows.push({ table: id, ...row });
    } else {
      const details = detailsPane(input, state, rect);
      state = details.state;
      contents.push(details.content);
    }
  }
  return { state, contents, visible: { connections, rows, isGraph: drawn?.isReady === true } };
}

function helpPane({ state, viewModel, width, height }: FrameInput) {
  const rect = { x: 0, y: 1, width, height: height - 2 };
  const lines = renderHelp(viewModel.table(activeTable(state)).columns, rect.width - 2);
  const top = Math.max(0, Math.min(state.helpScroll, lines.length - (rect.height - 2)));
  const more = top + rect.height - 2 < lines.length ? ' · more below' : '';
  const content: PaneContent = { kind: 'lines', id: 'details', rect, title: `Help${more}`, lines: lines.slice(top) };
  return { state: { ...state, helpScroll: top }, contents: [content] };
}

interface TablePane {
  readonly state: ViewState;
  readonly content: PaneContent;
  readonly visible: readonly { readonly key: RowKey; readonly rate: number | undefined }[];
}

function tablePane(input: FrameInput, state: ViewState, id: TableId, rect: Rect): TablePane {
  const { viewModel } = input;
  if (!viewModel.isReady(id)) {
    // The table is still being built; keys do not wait for it.
    const title = `${TITLES[id]} …`;
    return {
      state,
      content: { kind: 'table', id, rect, title, table: EMPTY_TABLE, selectedRow: -1 },
      visible: [],
    };
  }
  const data = viewModel.table(id);
  const rows = visibleRows(rect);
  const index = selectedIndex(state, id, data);
  const top = scrollOffsetFor(state.scrollOffsets[id], index, rows, data.size);
  const view = { wide: state.wide, left: state.columnOffsets[id] };
  const table = renderTable(data, state.sorts[id], top, rows, cellsIn(rect), input.depth, view);
  const last = Math.min(data.size, top + rows);
  const title = joinTitle(rect, [
    `${TITLES[id]} ${formatCount(data.size)}`,
    id === 'workloads' ? `by ${state.workloadGrouping} (o)` : '',
    data.size > rows ? `${formatCount(top + 1)}–${formatCount(last)}` : '',
    table.hidden > 0 ? `${table.hidden} more ${table.hidden === 1 ? 'column' : 'columns'} ({ })` : '',
  ]);
  if (data.size === 0) {
    const message = { ...table, ...emptyTable(input, state, id, rect, table) };
    return { state, content: { kind: 'table', id, rect, title, table: message, selectedRow: -1 }, visible: [] };
  }
  const selection = state.selections[id];
  const selections =
    selection.key === undefined ? state.selections : { ...state.selections, [id]: { ...selection, index } };
  return {
    state: { ...state, selections, scrollOffsets: { ...state.scrollOffsets, [id]: top } },
    content: { kind: 'table', id, rect, title, table, selectedRow: index - top },
    visible: visibleRates(data, top, last),
  };
}

/** Why a table has no rows, shown in place of the rows. */
function emptyTable(input: FrameInput, state: ViewState, id: TableId, rect: Rect, { headings }: RenderedTable) {
  const { viewModel, isWaiting, suggestedActions } = input;
  const all = id === 'problems' ? viewModel.problems : id === 'agents' ? viewModel.snapshot.agents : [];
  const isFiltered = all.length > 0 && state.filter !== '';
  const reasons = isFiltered
    ? [NOTHING_MATCHES]
    : emptyTableMessage(
        isWaiting ? undefined : viewModel.snapshot,
        { ...state, focus: id },
        suggestedActions,
        input.adaptCommand,
      );
  const lines = reasons.flatMap((reason) => wrap(reason, Math.max(10, rect.width - 4)));
  return { widths: [rect.width - 3], headings: [headings.join(' ')], rows: lines.map((line) => [` ${line}`]) };
}

function visibleRates(data: TableView, from: number, to: number): TablePane['visible'] {
  const rate = data.columns.findIndex((column) => column.id === 'rate');
  const rows: { key: RowKey; rate: number | undefined }[] = [];
  for (let row = from; row < to; row++) {
    const [key, value] = [data.keyAt(row), rate < 0 ? undefined : data.value(row, rate)];
    if (key !== undefined) rows.push({ key, rate: typeof value === 'number' ? value : undefined });
  }
  return rows;
}

/** As many of the parts as fit, at least the first. */
function joinTitle(rect: Rect, parts: readonly string[]): string {
  let text = '';
  for (const part of parts.filter((one) => one !== '')) {
    const longer = text === '' ? part : `${text} · ${part}`;
    if (text !== '' && longer.length > rect.width - 8) break;
    text = longer;
  }
  return text;
}

function graphPane(input: FrameInput, rect: Rect): { readonly content: PaneContent; readonly isReady: boolean } {
  const { state, viewModel, graphPane: pane } = input;
  const title = `Graph by ${state.grouping}`;
  if (!pane.isReady(viewModel))
    return { content: { kind: 'lines', id: 'graph', rect, title: `${title} …`, lines: [] }, isReady: false };
  const selected = state.detailTarget === 'graph' ? graphKey(state) : undefined;
  const lines = pane.draw(viewModel, rect.width - 2, rect.height - 2, selected);
  const label = joinTitle(rect, [`${title} (o)`, renderGraphSummary(selected, pane.drawn)]);
  return { content: { kind: 'lines', id: 'graph', rect, title: label, lines }, isReady: true };
}

function detailsPane(input: FrameInput, state: ViewState, rect: Rect) {
  const { viewModel, graphPane: pane, history, summaries, now } = input;
  const width = rect.width - 2;
  if (!viewModel.isReady('connections') || !viewModel.isReady(activeTable(state))) {
    const content: PaneContent = { kind: 'lines', id: 'details', rect, title: 'Details …', lines: [] };
    return { state, content };
  }
  const details = renderDetails({ state, viewModel, graph: pane.drawn, history, summaries, now, width });
  const lines = details.lines.flatMap((line) => wrapLine(line, width, 9));
  const rows = rect.height - 2;
  const detailsScroll = Math.max(0, Math.min(state.detailsScroll, lines.length - rows));
  const below = lines.length - detailsScroll - rows;
  const title = `${details.title}${below > 0 ? ` · ${below} more below` : ''}`;
  const content: PaneContent = { kind: 'lines', id: 'details', rect, title, lines: lines.slice(detailsScroll) };
  return { state: detailsScroll === state.detailsScroll ? state : { ...state, detailsScroll }, content };
}
