import { isIPv6 } from 'node:net';
import { dirname } from 'node:path';
import { SocketMessages } from './netlink/message-source.ts';
import { NetlinkSource } from './netlink/netlink-source.ts';
import { probeNetlink } from './netlink/probe.ts';
import type { SocketCalls } from './netlink/socket.ts';
import { hasAddress, MOUNTED_NET, networkOf } from './node-network.ts';
import { ProcfsSource } from './procfs-source.ts';
import type { ReaderLink } from './reader/reader-link.ts';
import type { ConntrackSource } from './source.ts';
import { OWN_NET, probePath } from './table-paths.ts';
import { findUnparsedLine } from './unparsed-line.ts';

/** A possible location of the table, and a method of reading it. */
export interface TableCandidate {
  readonly kind: ConntrackSource['kind'];
  /** For display: a file's path, or "netlink". */
  readonly path: string;
  /** Why it is a candidate. Shown in the log and by GetAgent if it is chosen. */
  readonly reason: string;
  /** Identifies the network of the table. Tables of the same network have the same entries. */
  network(): string;
  /** Returns "ok", or why the table cannot be read. */
  probe(): string;
  /** Like `probe`, for the current candidate: only checks that it is still readable. */
  check(): string;
  /**
   * Returns a sample line if the table has lines, and none of the lines examined is one of a conntrack table. Throws if the table
   * cannot be read.
   */
  findUnparsed(): string | undefined;
  open(): ConntrackSource;
}

/** A procfs file. `hostIp`: the node's address, which its network must have; undefined: any network. */
export function fileCandidate(path: string, reason: string, hostIp?: string): TableCandidate {
  const folder = dirname(path);
  return {
    kind: 'procfs',
    path,
    reason,
    network: () => networkOf(folder) ?? path,
    probe() {
      const outcome = probePath(path);
      return outcome === 'ok' ? probeAddress(folder, hostIp) : outcome;
    },
    check: () => probePath(path),
    findUnparsed: () => findUnparsedLine(path),
    open: () => new ProcfsSource(path),
  };
}

/** This process's own netlink. `calls`: an error if they could not be loaded. */
export function netlinkCandidate(calls: SocketCalls | Error, reason: string, hostIp?: string): TableCandidate {
  const probe = () => (calls instanceof Error ? calls.message : probeNetlink(calls));
  return {
    kind: 'netlink',
    path: 'netlink',
    reason,
    network: () => networkOf(OWN_NET) ?? 'netlink',
    probe() {
      const outcome = probe();
      return outcome === 'ok' ? probeAddress(OWN_NET, hostIp) : outcome;
    },
    check: probe,
    findUnparsed: () => undefined,
    open() {
      if (calls instanceof Error) throw calls;
      return new NetlinkSource(new SocketMessages(calls));
    },
  };
}

/** The node's kflow-reader. It has access to netlink and the node's network. */
export function readerCandidate(link: ReaderLink): TableCandidate {
  const { path } = link.messages;
  return {
    kind: 'netlink',
    path,
    get reason() {
      return `the socket of the node's kflow-reader is mounted${link.describeChanges()}`;
    },
    network: () => path,
    probe: () => link.probe(),
    check: () => link.probe(),
    findUnparsed: () => undefined,
    open: () => new NetlinkSource(link.messages),
  };
}

/** A candidate that is rejected because it does not belong to the node. */
export function refusedCandidate(kind: ConntrackSource['kind'], path: string, outcome: string): TableCandidate {
  return {
    kind,
    path,
    reason: '',
    network: () => path,
    probe: () => outcome,
    check: () => outcome,
    findUnparsed: () => undefined,
    open() {
      throw new Error(outcome);
    },
  };
}

/** Returns "ok" if the network has the node's address, else why the check failed. */
function probeAddress(folder: string, hostIp: string | undefined): string {
  if (hostIp === undefined) return 'ok';
  const who = folder === MOUNTED_NET ? 'PID 1 is' : 'this process is';
  switch (hasAddress(folder, hostIp)) {
    case true:
      return 'ok';
    case false:
      return `${who} not in the node's network, which has the address ${hostIp}`;
  }
  const file = isIPv6(hostIp) ? 'if_inet6' : 'fib_trie';
  return `${folder}/${file} cannot be read: whether it is the node's network, with the address ${hostIp}, is not known`;
}
