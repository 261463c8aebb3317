import type { CleanText } from '../format/sanitize.ts';
import type { AgentState } from './agent.ts';
import type { Connection } from './connection.ts';

/** Everything that kflow knows at one moment: agents, connections and notices. */

export interface Snapshot {
  /** Unix time in milliseconds, by this machine's clock. */
  readonly at: number;
  /** Where the data comes from: "this machine", a kubeconfig context, "2 endpoints", a recording's name. */
  readonly origin: CleanText;
  readonly agents: readonly AgentState[];
  /** In no order. The objects of unchanged connections are the same as in the snapshot before. */
  readonly connections: readonly Connection[];
  /** Incomplete connections that are not shown yet, because their other hops may still come. Not recorded. */
  readonly held?: readonly Connection[];
  /** Notices for the operator, each shown once: "names are not shown: …". */
  readonly notices: readonly CleanText[];
  /** Why some names are missing: permissions that the user lacks. Also part of `notices`. */
  readonly missingNames?: readonly CleanText[];
  /** Pods that may be agents but are not used, with the reason. Also part of `notices`. */
  readonly agentNotices?: readonly CleanText[];
  /** Names are still loading: connections may show addresses only because of that. */
  readonly namesPending?: true;
  /** Services without endpoints: "namespace/name". Absent: there are none, or it is not known. */
  readonly servicesWithoutEndpoints?: readonly CleanText[];
  /** Services whose traffic stays on its node, but that have no endpoint on a node with clients. Absent: as above. */
  readonly localGaps?: readonly LocalGap[];
  /** Why the agents cannot be found. Absent: they can. */
  readonly discoveryError?: CleanText;
}

/** A service of `internalTrafficPolicy: Local`, and nodes with pods but without an endpoint of it. */

export interface LocalGap {
  /** "namespace/name" */
  readonly service: CleanText;
  readonly nodes: readonly CleanText[];
}
