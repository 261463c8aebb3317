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

/** The operator's settings for finding the table. */
export interface SourceSettings {
  readonly source: 'auto' | 'procfs' | 'netlink';
  /** Undefined: detect it. */
  readonly conntrackPath: string | undefined;
  /** The node's address. The table's network must have it. Undefined: not known. */
  readonly hostIp: string | undefined;
  /** The socket of the node's kflow-reader. */
  readonly readerSocket: string;
  /** The network whose table to read: the node's, whose files may be mounted; or always that of this process. */
  readonly network: 'node' | 'own';
}

/** The facts that the choice depends on. Tests set them. */
export interface ProcessFacts {
  readonly comparison: ReturnType<typeof compareNetworks>;
  readonly hasNetAdmin: boolean;
}

export function readProcessFacts({ network }: SourceSettings): ProcessFacts {
  return { comparison: network === 'own' ? 'unmounted' : compareNetworks(), hasNetAdmin: hasNetAdmin() };
}

/** Returns whether to use the node's reader: if its folder is mounted. Nothing else uses this folder. */
export function usesReader({ source, conntrackPath, network, readerSocket }: SourceSettings): boolean {
  return source !== 'procfs' && conntrackPath === undefined && network === 'node' && existsSync(dirname(readerSocket));
}

/** Returns whether netlink may be used, so that its dependencies are worth loading. */
export function mayUseNetlink(settings: SourceSettings, facts = readProcessFacts(settings)): boolean {
  if (usesReader(settings)) return false;
  if (settings.source === 'netlink') return true;
  if (settings.source === 'procfs' || settings.conntrackPath !== undefined) return false;
  return facts.hasNetAdmin && facts.comparison !== 'other';
}

/** Returns all files that may be the table, whether or not they exist. */
export function procfsPaths({ conntrackPath, network }: SourceSettings): readonly string[] {
  if (conntrackPath !== undefined) return [toHostPath(conntrackPath)];
  return [...(network === 'own' ? [] : tablePaths(MOUNTED_NET)), ...tablePaths(OWN_NET)];
}

/**
 * Returns the candidates for the table in order, each with a reason. They are never in another network than the node's: if the
 * node's files are mounted, this process's own network counts only if it is the same one. If the operator names a file, that is
 * the only candidate.
 *
 * If the node's reader has its socket, the reader is the only candidate: without it the agent waits and reports that.
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
