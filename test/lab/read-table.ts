import { fileURLToPath } from 'node:url';
import type { KernelInfo } from '../../src/agent/conntrack/kernel-info.ts';
import { ProcfsSource } from '../../src/agent/conntrack/procfs-source.ts';
import type { ConntrackSource } from '../../src/agent/conntrack/source.ts';
import { TableUpdater } from '../../src/agent/polling/table-updater.ts';
import { readFlow } from '../../src/flow/flow.ts';
import { type Entry, entryOf } from './conntrack.ts';
import type { NetworkNamespace } from './namespace.ts';

const READ_NETLINK = fileURLToPath(new URL('read-netlink.ts', import.meta.url));

export interface Reading {
  readonly entries: Entry[];
  readonly ages: number[];
  readonly unparsed: number;
}

/** Reads a table with kflow's own reader. `wallMs`: when that is taken to happen. */
export async function readTable(path: string, wallMs = Date.now()): Promise<Reading> {
  return readSource(new ProcfsSource(path), wallMs);
}

/** The same of any source. */
export async function readSource(source: ConntrackSource, wallMs = Date.now()): Promise<Reading> {
  const ingest = new TableUpdater();
  ingest.begin(performance.now(), wallMs);
  await source.read(ingest);
  ingest.complete();
  const flows = Array.from({ length: ingest.table.end }, (_, slot) => readFlow(ingest.table, slot));
  return {
    entries: flows.map((flow) => entryOf(flow, wallMs)),
    ages: flows.map((flow) => (wallMs - flow.firstSeenAt) / 1000),
    unparsed: ingest.unparsed,
  };
}

export interface NetlinkReading extends Reading {
  /** By which the kernel tells the entries apart. */
  readonly ids: readonly number[];
  readonly info: KernelInfo;
}

/** Reads a namespace's table by netlink: in a process there, as netlink is of the namespace of who asks. */
export async function readNetlink(namespace: NetworkNamespace): Promise<NetlinkReading> {
  const reading: NetlinkReading = JSON.parse(await namespace.run(process.execPath, [READ_NETLINK]));
  return reading;
}
