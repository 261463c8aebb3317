import { readFileSync, writeFileSync } from 'node:fs';
import type { Log } from '../../log.ts';
import type { ReaderSetting, ReaderSettings } from './protocol.ts';

/** A conntrack setting that the reader can switch on in the node's network namespace. */
interface Switch {
  readonly name: 'nf_conntrack_acct' | 'nf_conntrack_timestamp';
  readonly wanted: boolean;
}

export interface WantedSettings {
  readonly accounting: boolean;
  readonly timestamping: boolean;
}

/** Folder where install mounts the node's writable setting files, each one individually. */
export const WRITABLE_FOLDER = '/host/netfilter';
const OWN_FOLDER = '/proc/sys/net/netfilter';

/** The node's settings. Switches on the requested ones, once. Reads the kernel's settings for each reply. */
export class NodeSettings {
  readonly #accounting: () => ReaderSetting;
  readonly #timestamping: () => ReaderSetting;

  constructor({ accounting, timestamping }: WantedSettings, log: Log, folders = [WRITABLE_FOLDER, OWN_FOLDER]) {
    this.#accounting = prepare({ name: 'nf_conntrack_acct', wanted: accounting }, log, folders);
    this.#timestamping = prepare({ name: 'nf_conntrack_timestamp', wanted: timestamping }, log, folders);
  }

  read(): ReaderSettings {
    return { accounting: this.#accounting(), timestamping: this.#timestamping() };
  }
}

function prepare({ name, wanted }: Switch, log: Log, folders: readonly string[]): () => ReaderSetting {
  const paths = folders.map((folder) => `${folder}/${name}`);
  let isSet = false;
  if (wanted && readState(paths) !== 'on') {
    isSet = write(paths, log);
    if (isSet) log.info(`switched on net.netfilter.${name} on this node`);
  }
  return () => {
    const state = readState(paths);
    return { state, isSetByReader: isSet && state === 'on' };
  };
}

function write(paths: readonly string[], log: Log): boolean {
  const faults: string[] = [];
  for (const path of paths) {
    try {
      writeFileSync(path, '1\n', { flag: 'r+' });
      return true;
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  log.info(
    `cannot switch on a setting of the node (${faults.join('; ')}): install with --accounting or --timestamps, or use sysctl`,
  );
  return false;
}

function readState(paths: readonly string[]): ReaderSetting['state'] {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8').trim() === '0' ? 'off' : 'on';
    } catch {
      // Try the next path. If none is readable, the setting is unknown.
    }
  }
  return 'unknown';
}
