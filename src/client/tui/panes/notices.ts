import { plain } from '../../format/cells.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { type Line, span, wrap } from '../text/line.ts';

/** Screens lower than this keep their rows for connections; the notices then stand in the problems and empty tables. */
const ROOMY = 20;
const MOST_LINES = 2;

/**
 * What the operator should know once, in as many lines as it needs, two at most. An empty table says it itself: none
 * then.
 */
export function noticeLines(snapshot: Snapshot, width: number, height: number): Line[] {
  const [first, ...others] =
    snapshot.problem === undefined ? snapshot.notices : [snapshot.problem, ...snapshot.notices];
  if (first === undefined || snapshot.connections.length === 0 || height < ROOMY) return [];
  const more = others.length === 0 ? '' : ` (and ${others.length} more: ?)`;
  const lines = wrap(`${plain(first)}${more}`, width - 4);
  const shown = lines.slice(0, MOST_LINES);
  if (lines.length > MOST_LINES) shown[MOST_LINES - 1] = `${shown[MOST_LINES - 1]?.slice(0, width - 6)} …`;
  return shown.map((text, i) => [span(i === 0 ? ' ! ' : '   ', 'warn'), span(text, 'warn')]);
}
