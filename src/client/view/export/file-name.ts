import { join } from 'node:path';
import type { ExportFormat } from './format.ts';

/** "kflow-connections-2026-11-25T09-30-00-000Z.csv" */
export function ownName(what: string, format: ExportFormat, at: Date): string {
  return `kflow-${what}-${at.toISOString().replaceAll(/[:.]/g, '-')}.${format.id}`;
}

/** "~" and "~/x.csv" as a shell has them; the file of another's home is not known. */
export function withHome(file: string, home: string | undefined): string {
  return home !== undefined && home !== '' && /^~(\/|$)/.test(file) ? join(home, file.slice(1)) : file;
}
