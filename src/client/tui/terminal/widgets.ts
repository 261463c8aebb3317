import blessed from 'blessed';
import table, { type ContribTable } from 'blessed-contrib/lib/widget/table.js';
import { truncateCells } from '../../format/cells.ts';
import type { RenderedTable } from '../panes/table.ts';
import type { PaneId } from '../state.ts';
import { clip, type Line } from '../text/line.ts';
import { applyStyle, type Background, type ColorDepth, closeBackground, openBackground } from '../text/style.ts';
import type { Rect } from '../view-model/layout.ts';

type Box = blessed.Widgets.BoxElement;
type Screen = blessed.Widgets.Screen;

const SELECTED = {
  '256': { focused: { bg: 24 }, resting: { bg: 237 } },
  '16': { focused: { inverse: true }, resting: { underline: true } },
  none: { focused: { inverse: true }, resting: { underline: true } },
} as const;

/** The widgets of the screen. Each is given just what it shows: a table its visible rows, a box its lines. */
export class Widgets {
  readonly #screen: Screen;
  readonly #depth: ColorDepth;
  readonly #bars: { header: Box; footer: Box };
  readonly #notice: Box;
  readonly #notices: Box;
  readonly #overlay: Box;
  readonly #tables = new Map<PaneId, ContribTable>();
  readonly #boxes = new Map<PaneId, Box>();

  constructor(screen: Screen, depth: ColorDepth) {
    this.#screen = screen;
    this.#depth = depth;
    this.#bars = {
      header: blessed.box({ parent: screen, height: 1, wrap: false }),
      footer: blessed.box({ parent: screen, height: 1, wrap: false }),
    };
    this.#notices = blessed.box({ parent: screen, hidden: true, wrap: false });
    this.#overlay = blessed.box({ parent: screen, hidden: true, wrap: false, height: 1 });
    this.#notice = blessed.box({ parent: screen, top: 0, left: 0, width: '100%', height: '100%', hidden: true });
  }

  bar(which: 'header' | 'footer', rect: Rect, line: Line): void {
    const bar = this.#bars[which];
    put(bar, rect);
    const background: Background | undefined = which === 'header' ? 'bar' : undefined;
    bar.setContent(this.#painted([...clip(line, rect.width)], rect.width, background));
  }

  /** The notices below the header. */
  notices(rect: Rect, lines: readonly Line[]): void {
    this.#notices.hidden = lines.length === 0;
    if (lines.length === 0) return;
    put(this.#notices, rect);
    this.#notices.setContent(lines.map((line) => this.#painted(clip(line, rect.width), 0)).join('\n'));
  }

  /** A line over what is there, until the next `showOnly`. */
  overlay(rect: Rect, line: Line): void {
    put(this.#overlay, rect);
    this.#overlay.setContent(this.#painted(clip(line, rect.width), 0));
    this.#overlay.show();
    this.#overlay.setFront();
  }

  /** Only these panes are shown. */
  showOnly(panes: readonly PaneId[]): void {
    this.#notice.hide();
    this.#overlay.hide();
    this.#bars.header.show();
    this.#bars.footer.show();
    for (const [id, widget] of [...this.#tables, ...this.#boxes]) {
      if (panes.includes(id)) widget.show();
      else widget.hide();
    }
  }

  table(id: PaneId, rect: Rect, label: string, focused: boolean, window: RenderedTable, selected: number): void {
    const widget = this.#tableOf(id);
    this.#frame(widget, rect, label, focused);
    widget.options.columnWidth = window.widths;
    widget.setData({ headers: window.headings, data: window.rows });
    const { style } = widget.rows as unknown as { style: { selected: object } };
    style.selected = SELECTED[this.#depth][focused ? 'focused' : 'resting'];
    widget.rows.select(Math.max(0, selected));
  }

  box(id: PaneId, rect: Rect, label: string, focused: boolean, lines: readonly Line[]): void {
    const widget = this.#boxOf(id);
    this.#frame(widget, rect, label, focused);
    const inner = lines.slice(0, Math.max(0, rect.height - 2));
    widget.setContent(inner.map((line) => this.#painted(clip(line, rect.width - 2), 0)).join('\n'));
  }

  /** Nothing but these lines. */
  notice(lines: readonly Line[]): void {
    this.showOnly([]);
    this.#bars.header.hide();
    this.#bars.footer.hide();
    this.#notices.hide();
    this.#notice.setContent(lines.map((line) => this.#painted(line, 0)).join('\n'));
    this.#notice.show();
    this.#notice.setFront();
  }

  #painted(line: Line, width: number, background?: Background): string {
    const text = line.map(({ text, style }) => applyStyle(text, style, this.#depth)).join('');
    if (background === undefined) return text;
    const length = line.reduce((sum, { text }) => sum + text.length, 0);
    const padding = ' '.repeat(Math.max(0, width - length));
    return `${openBackground(background, this.#depth)}${text}${padding}${closeBackground(background, this.#depth)}`;
  }

  #frame(widget: Box, rect: Rect, label: string, focused: boolean): void {
    put(widget, rect);
    // The mark shows the focus without colour.
    widget.setLabel(` ${truncateCells(`${focused ? '▸ ' : ''}${label}`, Math.max(1, rect.width - 6))} `);
    const { style } = widget as unknown as { style: { border: object } };
    style.border =
      this.#depth === 'none'
        ? {}
        : { fg: focused ? (this.#depth === '256' ? 81 : 6) : this.#depth === '256' ? 239 : 8 };
  }

  #tableOf(id: PaneId): ContribTable {
    const known = this.#tables.get(id);
    if (known) return known;
    const widget = table({
      parent: this.#screen,
      border: { type: 'line' },
      columnSpacing: 2,
      columnWidth: [1],
      fg: -1,
      selectedFg: -1,
      interactive: true,
      keys: false,
      mouse: false,
      tags: false,
    });
    const { rows } = widget;
    // Rows contain text from outside: braces must not be parsed as tags.
    (rows as unknown as { parseTags: boolean }).parseTags = false;
    // The widget leaves an empty line below its headings and two at its end; the rows need them more.
    rows.top = 1;
    rows.left = 0;
    widget.render = () => {
      rows.width = Math.max(0, Number(widget.width) - 2);
      rows.height = Math.max(0, Number(widget.height) - 3);
      return blessed.box.prototype.render.call(widget);
    };
    this.#tables.set(id, widget);
    return widget;
  }

  #boxOf(id: PaneId): Box {
    const known = this.#boxes.get(id);
    if (known) return known;
    const widget = blessed.box({ parent: this.#screen, border: { type: 'line' }, tags: false, wrap: false });
    this.#boxes.set(id, widget);
    return widget;
  }
}

function put(widget: Box, { x, y, width, height }: Rect): void {
  widget.left = x;
  widget.top = y;
  widget.width = width;
  widget.height = height;
}
