import { toCells } from '../../format/cells.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { type Line, span, wrap } from '../text/line.ts';

/** Screens lower than this keep their rows for connections; the notices then stand in the problems and empty tables. */
const ROOMY = 20;
const MAX_LINES = 2;

/**
 * The notices, in at most two lines. An empty table shows them itself: then there are none
 * here.
 */
export function renderNotices(snapshot: Snapshot, width: number, height: number): Line[] {
  const [first, ...others] =
    snapshot.discoveryError === undefined ? snapshot.notices : [snapshot.discoveryError, ...snapshot.notices];
  if (first === undefined || snapshot.connections.length === 0 || height < ROOMY) return [];
  const more = others.length === 0 ? '' : ` (+${others.length} more, press ?)`;
  const lines = wrap(`${toCells(first)}${more}`, width - 4);
  const shown = lines.slice(0, MAX_LINES);
  if (lines.length > MAX_LINES) shown[MAX_LINES - 1] = `${shown[MAX_LINES - 1]?.slice(0, width - 6)} …`;
  return shown.map((text, i) => [span(i === 0 ? ' ! ' : '   ', 'warn'), span(text, 'warn')]);
}
