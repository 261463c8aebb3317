import type { Column } from '../../table/column.ts';
import type { TalkerRow } from '../data/talker-rows.ts';
import { plain } from '../text/plain.ts';
import { TRAFFIC_COLUMNS } from './cells.ts';

export const TALKER_COLUMNS: readonly Column<TalkerRow>[] = [
  {
    id: 'name',
    heading: 'WORKLOAD',
    help: 'the workload, or with `o` the namespace; the address where nothing more is known',
    align: 'left',
    width: 18,
    grow: 1,
    first: 'ascending',
    text: (row) => plain(row.name),
    key: (row) => row.name,
  },
  {
    id: 'kind',
    heading: 'KIND',
    help: 'what it is',
    align: 'left',
    width: 11,
    first: 'ascending',
    text: (row) => plain(row.kind),
    key: (row) => row.kind,
  },
  TRAFFIC_COLUMNS.connections,
  TRAFFIC_COLUMNS.unanswered,
  TRAFFIC_COLUMNS.out,
  TRAFFIC_COLUMNS.in,
  TRAFFIC_COLUMNS.rate,
  TRAFFIC_COLUMNS.total,
];
