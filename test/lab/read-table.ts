import { ProcfsSource } from '../../src/agent/conntrack/procfs-source.ts';
import { TableUpdater } from '../../src/agent/polling/table-updater.ts';
import { readFlow } from '../../src/flow/flow.ts';
import { type Entry, entryOf } from './conntrack.ts';

export interface Reading {
  readonly entries: Entry[];
  readonly ages: number[];
  readonly unparsed: number;
}

/** Reads a table with kflow's own reader. `wallMs`: when that is taken to happen. */
export async function readTable(path: string, wallMs = Date.now()): Promise<Reading> {
  const ingest = new TableUpdater();
  ingest.begin(performance.now(), wallMs);
  await new ProcfsSource(path).read(ingest);
  ingest.complete();
  const flows = Array.from({ length: ingest.table.end }, (_, slot) => readFlow(ingest.table, slot));
  return {
    entries: flows.map((flow) => entryOf(flow, wallMs)),
    ages: flows.map((flow) => (wallMs - flow.firstSeenAt) / 1000),
    unparsed: ingest.unparsed,
  };
}
