import type { PaneId, TableId, ViewState } from '../state.ts';
import { activeTable, isTablePane } from './table-cursor.ts';
import type { DataNeeds } from './view-model-builder.ts';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly header: Rect;
  readonly footer: Rect;
  /** Below the header; its height is 0 without notices. */
  readonly notices: Rect;
  /** In the order of Tab: from left to right and top to bottom. */
  readonly panes: readonly { readonly id: PaneId; readonly rect: Rect }[];
}

export const MIN_WIDTH = 40;
export const MIN_HEIGHT = 10;

const MAIN_TABLE: Partial<Record<ViewState['view'], TableId>> = {
  connections: 'connections',
  workloads: 'workloads',
  services: 'services',
  problems: 'problems',
  agents: 'agents',
};

/** The layout of a screen of this size; undefined when it is too small for anything. */
export function computeLayout(state: ViewState, width: number, height: number, notices = 0): Layout | undefined {
  if (width < MIN_WIDTH || height < MIN_HEIGHT) return undefined;
  const header = { x: 0, y: 0, width, height: 1 };
  const footer = { x: 0, y: height - 1, width, height: 1 };
  const body = { x: 0, y: 1 + notices, width, height: height - 2 - notices };
  return { header, footer, notices: { x: 0, y: 1, width, height: notices }, panes: panesOf(state, body) };
}

function panesOf(state: ViewState, body: Rect): Layout['panes'] {
  if (state.zoomed) return [{ id: state.focus, rect: body }];
  if (state.view === 'graph') return withDetails('graph', body, body.height >= 30 ? 9 : 0);
  if (state.view === 'overview') return overview(body);
  const table = MAIN_TABLE[state.view] ?? 'connections';
  return withDetails(table, body, detailsRows(table, body.height));
}

/** Details, if there is room for both: problems are few, and the next step matters more than free rows. */
function detailsRows(table: TableId, height: number): number {
  if (height < 18) return 0;
  return table === 'problems' ? Math.min(16, Math.floor(height / 2)) : Math.min(11, Math.floor(height * 0.4));
}

function withDetails(id: PaneId, body: Rect, details: number): Layout['panes'] {
  if (details === 0) return [{ id, rect: body }];
  return [
    { id, rect: { ...body, height: body.height - details } },
    { id: 'details', rect: { ...body, y: body.y + body.height - details, height: details } },
  ];
}

function overview(body: Rect): Layout['panes'] {
  // A small screen shows the connections only.
  if (body.height < 14) return [{ id: 'connections', rect: body }];
  const details = body.height >= 44 ? 13 : body.height >= 28 ? 8 : 0;
  const top = Math.min(18, Math.floor((body.height - details) * 0.45));
  const left = body.width < 72 ? body.width : Math.min(72, Math.floor(body.width * 0.45));
  const middle = body.height - top - details;
  const below = { ...body, y: body.y + top, height: middle };
  return [
    { id: 'nodes', rect: { ...body, width: left, height: top } },
    ...(left < body.width
      ? [{ id: 'graph' as const, rect: { x: left, y: body.y, width: body.width - left, height: top } }]
      : []),
    { id: 'connections', rect: below },
    ...(details > 0 ? [{ id: 'details' as const, rect: { ...body, y: below.y + middle, height: details } }] : []),
  ];
}

/** The panes of a screen of this size. */
export function neededData(state: ViewState, width: number, height: number): DataNeeds {
  const panes = computeLayout(state, width, height)?.panes.map(({ id }) => id) ?? [];
  const tables = new Set<TableId>();
  for (const pane of panes) if (isTablePane(pane)) tables.add(pane);
  // Details describe a row of the last used table, or a connection.
  if (panes.includes('details')) tables.add('connections').add(activeTable(state));
  if (state.help) tables.add(activeTable(state));
  return { tables: [...tables], graph: panes.includes('graph') };
}

/** The neighbour of a pane; undefined: it is the last on that side. */
export function adjacentPane(panes: Layout['panes'], id: PaneId, side: 'left' | 'right'): PaneId | undefined {
  const here = panes.find((pane) => pane.id === id)?.rect;
  if (here === undefined) return panes[0]?.id;
  const overlaps = (rect: Rect) => rect.y < here.y + here.height && here.y < rect.y + rect.height;
  const found = panes.find(({ rect }) =>
    side === 'left' ? rect.x < here.x && overlaps(rect) : rect.x > here.x && overlaps(rect),
  );
  return found?.id;
}

/** How many rows of a table fit into a pane, without borders and headings. */
export function visibleRows(rect: Rect): number {
  return Math.max(0, rect.height - 3);
}

/** The width for the columns of a table: the widget adds a space after each column, including the last. */
export function cellsIn(rect: Rect): number {
  return Math.max(1, rect.width - 3);
}
