import { AGENT_COLUMNS } from '../../src/client/columns/agent-columns.ts';
import { CONNECTION_COLUMNS } from '../../src/client/columns/connection-columns.ts';
import { NODE_COLUMNS } from '../../src/client/columns/node-columns.ts';
import { PROBLEM_COLUMNS } from '../../src/client/columns/problem-columns.ts';
import { SERVICE_COLUMNS } from '../../src/client/columns/service-columns.ts';
import { workloadColumns } from '../../src/client/columns/workload-columns.ts';
import type { ColumnInfo } from '../../src/client/tui/view-model/table-view.ts';

const COLUMNS = {
  Nodes: NODE_COLUMNS,
  Connections: CONNECTION_COLUMNS,
  Workloads: [...workloadColumns('workload'), ...workloadColumns('namespace'), ...workloadColumns('pod')],
  'Services and ports': SERVICE_COLUMNS,
  Problems: PROBLEM_COLUMNS,
  Agents: AGENT_COLUMNS,
} as const satisfies Record<string, readonly ColumnInfo[]>;

/** A table on the screen, as a person reads it. */
export interface ShownTable {
  /** What its border says: "Connections 1,440 · 1–19". */
  readonly title: string;
  readonly focused: boolean;
  readonly headings: readonly string[];
  /** The cells of each row, by heading. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** Where it is on the screen: the line of its headings, and the cell where each heading begins. */
  readonly headingLine: number;
  readonly starts: readonly number[];
}

export function tableOf(screen: string, name: keyof typeof COLUMNS): ShownTable {
  const lines = screen.split('\n');
  const corner = new RegExp(`┌─ (▸ )?${name}\\b`);
  const top = lines.findIndex((line) => corner.test(line));
  if (top < 0) throw new Error(`no ${name} on the screen:\n${screen}`);
  const border = lines[top] ?? '';
  const left = border.search(corner);
  const right = border.indexOf('┐', left);
  const title = /┌─ (.*?) ─*$/.exec(border.slice(left, right))?.[1] ?? '';
  const headings = [...(lines[top + 1] ?? '').slice(left + 1, right).matchAll(headingsOf(COLUMNS[name]))];
  const places = placesOf(headings, COLUMNS[name], right - left - 1);
  const rows: Record<string, string>[] = [];
  for (const line of lines.slice(top + 2)) {
    const row = line.slice(left + 1, right);
    if (row.startsWith('─') || row.trim() === '') break;
    rows.push(Object.fromEntries(places.map(({ heading, from, to }) => [heading, row.slice(from, to).trim()])));
  }
  return {
    title: title.replace('▸ ', ''),
    focused: title.startsWith('▸'),
    headings: headings.map(([text]) => text),
    rows,
    headingLine: top + 1,
    starts: headings.map(({ index }) => left + 1 + index),
  };
}

/** Any of the headings, with the mark of the order; the longest first, since one may begin with another. */
function headingsOf(columns: readonly ColumnInfo[]): RegExp {
  const names = columns.map(({ heading }) => heading).sort((a, b) => b.length - a.length);
  return new RegExp(`▲?▼?(?:${names.join('|')})▲?▼?`, 'g');
}

/** A heading begins where a left column begins, and ends where a right one ends, which is as wide as it says. */
function placesOf(headings: readonly RegExpExecArray[], columns: readonly ColumnInfo[], width: number) {
  const places = headings.map(({ index, 0: text }) => {
    const heading = text.replace(/[▲▼]/g, '');
    const column = columns.find((one) => one.heading === heading);
    if (column === undefined) throw new Error(`no column has the heading ${heading}`);
    const end = index + text.length;
    if (column.align === 'left') return { heading, from: index, to: undefined };
    return { heading, from: end - Math.max(column.width, heading.length + 1), to: end };
  });
  return places.map(({ heading, from, to }, i) => ({ heading, from, to: to ?? places[i + 1]?.from ?? width }));
}

/** By what the rows are in order: "▼RATE IN". */
export function orderOf({ headings }: ShownTable): string[] {
  return headings.filter((heading) => /[▲▼]/.test(heading));
}
