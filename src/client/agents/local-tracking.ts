import { spawnSync } from 'node:child_process';
import { isOwnerGone, ownerName } from '../files/process-owner.ts';

/** nft allows letters, digits and "_" in a name. */
const PREFIX = 'kflow_';
const TIMEOUT_MS = 5000;

/** Connection tracking that this process turned on, in its own network namespace. */
export interface ConnectionTracking {
  /** The nft table's name, with its family: "inet kflow_…". */
  readonly table: string;
  /** Removes the table. May be called again. */
  stop(): void;
}

/** The table that `startTracking` would create, to be shown before. */
export function formatTrackingTable(): string {
  return `inet ${PREFIX}${ownerName().replaceAll('-', '_')}`;
}

/** Why tracking cannot be turned on from here; undefined when it can. */
export function findTrackingError(): string | undefined {
  if (process.platform !== 'linux') return 'connection tracking is part of Linux';
  if (process.getuid?.() !== 0) return 'turning tracking on requires root';
  if (spawnSync('nft', ['--version'], { timeout: TIMEOUT_MS }).error !== undefined)
    return 'turning tracking on requires `nft`: install the package nftables';
  return undefined;
}

/**
 * Makes the kernel track this machine's connections: it does so only if a firewall rule uses connection state. The
 * table has no verdicts, so it accepts and drops nothing. `stop` or the end of the process removes it. Throws nft's
 * message.
 */
export function startTracking(): ConnectionTracking {
  const table = formatTrackingTable();
  const chains = ['input', 'output', 'forward'].map(
    (hook) => `chain ${hook} { type filter hook ${hook} priority 0; policy accept; ct state new; }`,
  );
  nft(`table ${table} {\n${chains.join('\n')}\n}\n`);
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    process.off('exit', stop);
    deleteTable(table);
  };
  // The last resort: a second signal ends the process at once.
  process.on('exit', stop);
  return { table, stop };
}

/** Removes the tables of processes that were killed. */
export function removeStaleTracking(): void {
  const listed = spawnSync('nft', ['list', 'tables', 'inet'], { encoding: 'utf8', timeout: TIMEOUT_MS });
  for (const [, name = ''] of (listed.stdout ?? '').matchAll(/^table inet (\S+)$/gm))
    if (name.startsWith(PREFIX) && isOwnerGone(name.slice(PREFIX.length).replaceAll('_', '-')))
      deleteTable(`inet ${name}`);
}

function deleteTable(table: string): void {
  // The ruleset may have been flushed: then there is nothing to remove.
  spawnSync('nft', ['delete', 'table', ...table.split(' ')], { timeout: TIMEOUT_MS });
}

function nft(ruleset: string): void {
  const { status, stderr, error } = spawnSync('nft', ['-f', '-'], {
    input: ruleset,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`nft: ${error?.message ?? stderr.trim().split('\n')[0] ?? `status ${status}`}`);
}
