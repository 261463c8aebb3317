import { ProcfsSource } from './procfs.ts';
import type { TableSource } from './source.ts';

/** The ways to read a table, by the name that KFLOW_SOURCE has for them. A netlink source is still to come. */
export const SOURCES = {
  procfs: (path: string): TableSource => new ProcfsSource(path),
} as const;
