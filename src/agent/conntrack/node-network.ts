import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../../flow/address.ts';
import { HOST_PROC, OWN_NET } from './table-paths.ts';

/** The network files of the node's first process, if mounted. */
export const MOUNTED_NET = join(HOST_PROC, '1/net');
const STATUS = '/proc/self/status';
const CAP_NET_ADMIN = 12n;

/** Files that identify a network, and show whether it is the node's. */
export const NETWORK_FILES = [
  STATUS,
  MOUNTED_NET,
  ...[MOUNTED_NET, OWN_NET].flatMap((folder) => ['dev', 'fib_trie', 'if_inet6'].map((name) => join(folder, name))),
];

/** Whether this process's own network is the one whose files are mounted. */
export type Comparison = 'same' | 'other' | 'unmounted';

/** Each network namespace has its own files. Two namespaces are the same if and only if the inode numbers match. */
export function compareNetworks(mounted = MOUNTED_NET, own = OWN_NET): Comparison {
  const theirs = networkOf(mounted);
  // A folder without that file is still that of a node.
  if (theirs === undefined) return existsSync(mounted) ? 'other' : 'unmounted';
  return theirs === networkOf(own) ? 'same' : 'other';
}

/** Returns an identifier of the network whose files are in a folder; undefined if there are none. */
export function networkOf(folder: string): string | undefined {
  try {
    // Without the device number, which differs per mount of /proc; a pod has its own mount.
    return String(statSync(join(folder, 'dev'), { bigint: true }).ino);
  } catch (error) {
    // A file that exists but cannot be read still belongs to a network.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : folder;
  }
}

/** Returns whether the kernel lets this process read conntrack with netlink. */
export function hasNetAdmin(status = STATUS): boolean {
  try {
    const [, effective] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(status, 'utf8')) ?? [];
    return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** Returns whether the network has this address; undefined if its files cannot be read. */
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
/** Longer than the first line of a leaf. */
const MAX_LEAF = 1_024;
/** A router with a full Internet routing table has 100 MiB. */
const MAX_TRIE_BYTES = 512 * 1024 * 1024;

/** Returns whether a routing trie has a local leaf of this address: "|-- 10.0.0.1", and below it "/32 host LOCAL". */
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
      // The last leaf may be incomplete.
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
