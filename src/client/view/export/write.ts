import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { ExportFormat } from './format.ts';

/** After so many pieces, keys have their turn. */
const TURN = 500;

/** Writes a new file; one that is there already is left alone, and that is an error. */
export async function writeExport(file: string, pieces: Iterable<string>, signal: AbortSignal): Promise<void> {
  const stream = createWriteStream(file, { flags: 'wx', signal });
  const done = finished(stream);
  // Told by awaiting it below; until then nobody may have asked.
  done.catch(() => {});
  let batch: string[] = [];
  for (const piece of pieces) {
    batch.push(piece);
    if (batch.length < TURN) continue;
    stream.write(batch.join(''));
    batch = [];
    await setImmediate();
    if (stream.destroyed) break;
  }
  stream.end(batch.join(''));
  await done;
}

/** "kflow-connections-2026-11-25T09-30-00-000Z.csv" */
export function ownName(what: string, format: ExportFormat, at: Date): string {
  return `kflow-${what}-${at.toISOString().replaceAll(/[:.]/g, '-')}.${format.id}`;
}
