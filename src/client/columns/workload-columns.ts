import { toCells } from '../format/cells.ts';
import type { WorkloadGrouping, WorkloadRow } from '../traffic/workload-rows.ts';
import type { Column } from './column.ts';
import { TRAFFIC_COLUMNS } from './traffic-columns.ts';

export function workloadColumns(by: WorkloadGrouping): readonly Column<WorkloadRow>[] {
  return [{ ...NAME, heading: by.toUpperCase() }, ...OTHERS];
}

const NAME: Column<WorkloadRow> = {
  id: 'name',
  heading: 'WORKLOAD',
  help: 'with `o` by workload, namespace or pod; the address where nothing more is known',
  align: 'left',
  width: 18,
  minWidth: 14,
  grow: 1,
  defaultDirection: 'ascending',
  cell: (row) => toCells(row.name),
  sortKey: (row) => row.name,
};

const OTHERS: readonly Column<WorkloadRow>[] = [
  {
    id: 'kind',
    dropPriority: 5,
    heading: 'KIND',
    help: 'what it is',
    align: 'left',
    width: 11,
    defaultDirection: 'ascending',
    cell: (row) => toCells(row.kind),
    sortKey: (row) => row.kind,
  },
  TRAFFIC_COLUMNS.connections,
  TRAFFIC_COLUMNS.unanswered,
  TRAFFIC_COLUMNS.out,
  TRAFFIC_COLUMNS.in,
  TRAFFIC_COLUMNS.rate,
  TRAFFIC_COLUMNS.total,
];
