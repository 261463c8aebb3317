import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SocketCalls } from './netlink/socket.ts';
import { compareNetworks, hasNetAdmin, MOUNTED_NET } from './node-network.ts';
import type { ReaderLink } from './reader/reader-link.ts';
import {
  fileCandidate,
  netlinkCandidate,
  readerCandidate,
  refusedCandidate,
  type TableCandidate,
} from './table-candidate.ts';
import { OWN_NET, tablePaths, toHostPath } from './table-paths.ts';

/** What the operator says about where the table is. */
export interface SourceSettings {
  readonly source: 'auto' | 'procfs' | 'netlink';
  /** Undefined: look for it. */
  readonly conntrackPath: string | undefined;
  /** The node's address, which the network of the table is to have. Undefined: not known. */
  readonly hostIp: string | undefined;
  /** The socket of the node's kflow-reader. */
  readonly readerSocket: string;
  /** Whose table it is to be: the node's, whose files may be mounted; or that of this process, whatever else is there. */
  readonly network: 'node' | 'own';
}

/** What the choice depends on; tests set them. */
export interface ProcessFacts {
  readonly comparison: ReturnType<typeof compareNetworks>;
  readonly hasNetAdmin: boolean;
}

export function readProcessFacts({ network }: SourceSettings): ProcessFacts {
  return { comparison: network === 'own' ? 'unmounted' : compareNetworks(), hasNetAdmin: hasNetAdmin() };
}

/** Whether the node's reader is asked: where its folder is mounted, which is nobody else's. */
export function usesReader({ source, conntrackPath, network, readerSocket }: SourceSettings): boolean {
  return source !== 'procfs' && conntrackPath === undefined && network === 'node' && existsSync(dirname(readerSocket));
}

/** Whether netlink may be used, so that what it needs is worth loading. */
export function mayUseNetlink(settings: SourceSettings, facts = readProcessFacts(settings)): boolean {
  if (usesReader(settings)) return false;
  if (settings.source === 'netlink') return true;
  if (settings.source === 'procfs' || settings.conntrackPath !== undefined) return false;
  return facts.hasNetAdmin && facts.comparison !== 'other';
}

/** All files that may be the table, whatever is there now. */
export function procfsPaths({ conntrackPath, network }: SourceSettings): readonly string[] {
  if (conntrackPath !== undefined) return [toHostPath(conntrackPath)];
  return [...(network === 'own' ? [] : tablePaths(MOUNTED_NET)), ...tablePaths(OWN_NET)];
}

/**
 * Where the table is looked for, in this order, and why. Never in another network than the node's: where the node's files are mounted,
 * what this process shows of its own network counts only if that is the same. Where the operator names a file, nothing else.
 *
 * Where the node's reader has its socket, nothing else either: without it the agent waits, and says so.
 */
export function findCandidates(
  settings: SourceSettings,
  calls: SocketCalls | Error | undefined,
  facts: ProcessFacts = readProcessFacts(settings),
  reader?: ReaderLink,
): readonly TableCandidate[] {
  if (reader !== undefined) return [readerCandidate(reader)];
  const { source, conntrackPath, hostIp } = settings;
  if (conntrackPath !== undefined)
    return procfsPaths(settings).map((path) => fileCandidate(path, 'CONNTRACK_PATH names it'));
  const isOther = facts.comparison === 'other';
  if (source === 'netlink') {
    if (isOther) return [refusedCandidate('netlink', 'netlink', NOT_THE_NODES)];
    return [netlinkCandidate(calls ?? new Error('not loaded'), 'KFLOW_SOURCE is netlink', hostIp)];
  }
  const netlink =
    calls !== undefined && mayUseNetlink(settings, facts)
      ? [netlinkCandidate(calls, describeNetlink(facts), hostIp)]
      : [];
  const reason = source === 'procfs' ? 'KFLOW_SOURCE is procfs' : describeProcfs(facts);
  const files = procfsPaths(settings).filter((path) => !isOther || !path.startsWith(`${OWN_NET}/`));
  return [...netlink, ...files.map((path) => fileCandidate(path, reason, hostIp))];
}

const NOT_THE_NODES =
  "this process's network namespace is not the node's, and netlink shows no other: give the pod the host network, or read procfs " +
  '(KFLOW_SOURCE=procfs)';

function describeNetlink({ comparison }: ProcessFacts): string {
  const whose = comparison === 'same' ? ", and the node's network" : '';
  return `this process has the capability NET_ADMIN${whose}`;
}

function describeProcfs({ comparison, hasNetAdmin: may }: ProcessFacts): string {
  if (!may) return 'this process does not have the capability NET_ADMIN, which netlink requires';
  return comparison === 'other'
    ? "this process's network namespace is not the node's, which netlink requires"
    : 'netlink cannot be used';
}
