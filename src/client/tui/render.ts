import type { ScreenFrame } from './build-frame.ts';
import type { Widgets } from './terminal/widgets.ts';

/** Fills the widgets with a frame. */
export function render(frame: ScreenFrame, widgets: Widgets): void {
  const { width, height, onlyLine, prompt, notices, contents, focus } = frame;
  if (onlyLine !== undefined) {
    widgets.notice([onlyLine]);
    return;
  }
  widgets.showOnly(contents.map(({ id }) => id));
  widgets.bar('header', { x: 0, y: 0, width, height: 1 }, frame.header);
  widgets.notices({ x: 0, y: 1, width, height: notices.length }, notices);
  widgets.bar('footer', { x: 0, y: height - 1, width, height: 1 }, frame.footer);
  if (prompt !== undefined) widgets.overlay({ x: 0, y: height - 2, width, height: 1 }, prompt);
  for (const pane of contents) {
    const isFocused = pane.id === focus;
    if (pane.kind === 'table') widgets.table(pane.id, pane.rect, pane.title, isFocused, pane.table, pane.selectedRow);
    else widgets.box(pane.id, pane.rect, pane.title, isFocused, pane.lines);
  }
}
