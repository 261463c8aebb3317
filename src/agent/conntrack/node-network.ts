import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../../flow/address.ts';
import { HOST_PROC, OWN_NET } from './table-paths.ts';

/** The network files of the node's first process, where they are mounted. */
export const MOUNTED_NET = join(HOST_PROC, '1/net');
const STATUS = '/proc/self/status';
const CAP_NET_ADMIN = 12n;

/** Files that tell networks apart, and show whether one is that of the node. */
export const NETWORK_FILES = [
  STATUS,
  MOUNTED_NET,
  ...[MOUNTED_NET, OWN_NET].flatMap((folder) => ['dev', 'fib_trie', 'if_inet6'].map((name) => join(folder, name))),
];

/** Whether the network of which this process shows the files is that of the files that are mounted. */
export type Comparison = 'same' | 'other' | 'unmounted';

/** A network namespace has files of its own: they are the same exactly if their numbers are. */
export function compareNetworks(mounted = MOUNTED_NET, own = OWN_NET): Comparison {
  const theirs = networkOf(mounted);
  // A folder without that file is that of a node, too.
  if (theirs === undefined) return existsSync(mounted) ? 'other' : 'unmounted';
  return theirs === networkOf(own) ? 'same' : 'other';
}

/** What stands for the network whose files are in a folder; undefined where there are none. */
export function networkOf(folder: string): string | undefined {
  try {
    // Not of which mount of /proc it is: a pod has one of its own.
    return String(statSync(join(folder, 'dev'), { bigint: true }).ino);
  } catch (error) {
    // What is there and cannot be looked at is a network, too.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : folder;
  }
}

/** Whether the kernel lets this process ask for conntrack by netlink. */
export function hasNetAdmin(status = STATUS): boolean {
  try {
    const [, effective] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(status, 'utf8')) ?? [];
    return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** Whether one of the network's own addresses is this one; undefined where its files do not tell. */
export function hasAddress(folder: string, address: string): boolean | undefined {
  const bytes = new Uint8Array(16);
  const family = parseAddress(address, bytes, 0);
  try {
    if (family === 4) return holdsLocal(join(folder, 'fib_trie'), address);
    // "fd000000000000000000000000000001 02 40 00 80 eth0"
    const digits = Buffer.from(bytes).toString('hex');
    return readFileSync(join(folder, 'if_inet6'), 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${digits} `));
  } catch {
    return undefined;
  }
}

const PIECE_BYTES = 64 * 1024;
/** More than a leaf's first line has. */
const MAX_LEAF = 1_024;
/** A router with all of the Internet's routes has 100 MiB. */
const MAX_TRIE_BYTES = 512 * 1024 * 1024;

/** Whether a trie of routes has a leaf of this address that is the machine's own: "|-- 10.0.0.1", and below it "/32 host LOCAL". */
function holdsLocal(path: string, address: string): boolean {
  const leaf = `|-- ${address}\n`;
  const file = openSync(path, 'r');
  try {
    const piece = new Uint8Array(PIECE_BYTES);
    const decoder = new TextDecoder('latin1');
    let text = '';
    for (let read = 0; read < MAX_TRIE_BYTES; ) {
      const count = readSync(file, piece);
      text += decoder.decode(piece.subarray(0, count));
      const lines = text.lastIndexOf('|-- ');
      // The last leaf may be cut short.
      const whole = count === 0 ? text : text.slice(0, Math.max(0, lines));
      for (let at = whole.indexOf(leaf); at >= 0; at = whole.indexOf(leaf, at + 1)) {
        const [own = ''] = whole.slice(at + leaf.length).split('-- ', 1);
        if (own.includes('/32 host LOCAL')) return true;
      }
      if (count === 0) return false;
      text = lines < 0 ? text.slice(-MAX_LEAF) : text.slice(lines);
      read += count;
    }
    return false;
  } finally {
    closeSync(file);
  }
}
