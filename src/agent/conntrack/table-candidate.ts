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

/** A place where the table may be, and a way to read it. */
export interface TableCandidate {
  readonly kind: ConntrackSource['kind'];
  /** For people: a file's path, or "netlink". */
  readonly path: string;
  /** Why it is tried: for the log and GetAgent, where it is the one. */
  readonly reason: string;
  /** What stands for the network whose table it is: tables of the same network have the same entries. */
  network(): string;
  /** "ok", or why it cannot be read. */
  probe(): string;
  /** The same where it was the one before: no more than whether it can be read still. */
  check(): string;
  /** It has lines, and none that is looked at is one of a conntrack table: one of them. Throws where it cannot be read. */
  findUnparsed(): string | undefined;
  open(): ConntrackSource;
}

/** A file of this network. `hostIp`: the node's address, which the network is to have; undefined: any network will do. */
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

/** This process's own netlink. `calls`: an error where they could not be loaded. */
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

/** The node's kflow-reader, which has the kernel's netlink and the node's network. */
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

/** A place that is not the node's, whatever is there. */
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

/** "ok" where the network has the node's address. */
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
