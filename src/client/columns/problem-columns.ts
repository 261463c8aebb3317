import { plain } from '../format/cells.ts';
import { formatCount } from '../format/numbers.ts';
import { stepText } from '../problems/next-step.ts';
import type { Problem } from '../problems/problem.ts';
import type { Column } from './column.ts';

const SEVERITIES = ['', '· note', '! soon', '✗ fails'];

export const PROBLEM_COLUMNS: readonly Column<Problem>[] = [
  {
    id: 'severity',
    heading: 'SEVERITY',
    help: 'fails: traffic fails now; soon: it will; note: kflow sees less than it could',
    align: 'left',
    width: 8,
    first: 'descending',
    text: (row) => SEVERITIES[row.severity] ?? '',
    key: (row) => row.severity * 1e9 + row.count,
  },
  {
    id: 'count',
    spare: 3,
    heading: 'COUNT',
    help: 'connections, or what else is counted',
    align: 'right',
    width: 7,
    first: 'descending',
    text: (row) => formatCount(row.count),
    key: (row) => row.count,
  },
  {
    id: 'problem',
    heading: 'PROBLEM',
    help: 'what is wrong',
    align: 'left',
    width: 24,
    least: 12,
    first: 'ascending',
    text: (row) => row.what,
    key: (row) => row.what,
  },
  {
    id: 'where',
    heading: 'WHERE',
    help: 'the destination, workload or node',
    align: 'left',
    width: 18,
    least: 12,
    grow: 1,
    first: 'ascending',
    text: (row) => plain(row.where),
    key: (row) => row.where,
  },
  {
    id: 'meaning',
    spare: 4,
    heading: 'MEANING',
    help: 'what it means',
    prose: true,
    align: 'left',
    width: 24,
    least: 20,
    grow: 3,
    first: 'ascending',
    text: (row) => plain(row.meaning),
    key: (row) => row.meaning,
  },
  {
    id: 'next',
    heading: 'NEXT',
    help: 'what to look at next, or to type',
    prose: true,
    align: 'left',
    width: 24,
    grow: 2,
    spare: 1,
    first: 'ascending',
    text: (row) => plain(stepText(row.next)),
    key: (row) => stepText(row.next),
  },
];
