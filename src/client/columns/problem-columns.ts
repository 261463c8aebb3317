import { toCells } from '../format/cells.ts';
import { formatCount } from '../format/numbers.ts';
import { formatNextStep } from '../problems/next-step.ts';
import { type Problem, SEVERITY_NAMES } from '../problems/problem.ts';
import type { Column } from './column.ts';

const SIGNS = { 1: '·', 2: '!', 3: '✗' } as const;

export const PROBLEM_COLUMNS: readonly Column<Problem>[] = [
  {
    id: 'severity',
    heading: 'SEVERITY',
    help: 'critical: traffic fails now; warning: it will, or part of it does; info: kflow sees less than it could',
    align: 'left',
    width: 10,
    defaultDirection: 'descending',
    cell: (row) => `${SIGNS[row.severity]} ${SEVERITY_NAMES[row.severity]}`,
    sortKey: (row) => row.severity * 1e9 + row.count,
  },
  {
    id: 'count',
    dropPriority: 3,
    heading: 'COUNT',
    help: 'connections, or what else is counted',
    align: 'right',
    width: 7,
    defaultDirection: 'descending',
    cell: (row) => formatCount(row.count),
    sortKey: (row) => row.count,
  },
  {
    id: 'problem',
    heading: 'PROBLEM',
    help: 'what is wrong',
    align: 'left',
    width: 24,
    minWidth: 12,
    defaultDirection: 'ascending',
    cell: (row) => row.title,
    sortKey: (row) => row.title,
  },
  {
    id: 'where',
    heading: 'WHERE',
    help: 'the destination, workload or node',
    align: 'left',
    width: 18,
    minWidth: 12,
    grow: 1,
    defaultDirection: 'ascending',
    cell: (row) => toCells(row.subject),
    sortKey: (row) => row.subject,
  },
  {
    id: 'meaning',
    dropPriority: 4,
    heading: 'MEANING',
    help: 'what it means',
    truncateAtEnd: true,
    align: 'left',
    width: 24,
    minWidth: 20,
    grow: 3,
    defaultDirection: 'ascending',
    cell: (row) => toCells(row.explanation),
    sortKey: (row) => row.explanation,
  },
  {
    id: 'next',
    heading: 'NEXT',
    help: 'what to look at next, or to type',
    truncateAtEnd: true,
    align: 'left',
    width: 24,
    grow: 2,
    dropPriority: 1,
    defaultDirection: 'ascending',
    cell: (row) => toCells(formatNextStep(row.nextStep)),
    sortKey: (row) => formatNextStep(row.nextStep),
  },
];
