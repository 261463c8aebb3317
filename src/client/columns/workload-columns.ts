import { plain } from '../format/cells.ts';
import type { TalkerRow, TalkersBy } from '../traffic/workload-rows.ts';
import type { Column } from './column.ts';
import { TRAFFIC_COLUMNS } from './traffic-columns.ts';

export function talkerColumns(by: TalkersBy): readonly Column<TalkerRow>[] {
  return [{ ...NAME, heading: by.toUpperCase() }, ...OTHERS];
}

const NAME: Column<TalkerRow> = {
  id: 'name',
  heading: 'WORKLOAD',
  help: 'with `o` by workload, namespace or pod; the address where nothing more is known',
  align: 'left',
  width: 18,
  least: 14,
  grow: 1,
  first: 'ascending',
  text: (row) => plain(row.name),
  key: (row) => row.name,
};

const OTHERS: readonly Column<TalkerRow>[] = [
  {
    id: 'kind',
    spare: 5,
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
