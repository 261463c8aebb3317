import type { CleanText } from '../format/sanitize.ts';
import type { AgentState } from './agent.ts';
import type { Connection } from './connection.ts';

/** Everything that a screen or a command shows, at one moment. */

export interface Snapshot {
  /** Unix time in milliseconds, by this machine's clock. */
  readonly at: number;
  /** Where the data comes from: "this machine", a kubeconfig context, "2 endpoints", a recording's name. */
  readonly origin: CleanText;
  readonly agents: readonly AgentState[];
  /** In no order. The objects of unchanged connections are the same as in the snapshot before. */
  readonly connections: readonly Connection[];
  /** Halves of connections that are held back: their other half may be on its way. Not recorded. */
  readonly held?: readonly Connection[];
  /** Things that the operator should know once: "names are not shown: …". */
  readonly notices: readonly CleanText[];
  /** Why some names are missing, where that is known: permissions that the user lacks. Also part of `notices`. */
  readonly missingNames?: readonly CleanText[];
  /** Pods that may be agents and are not used, and why. Also part of `notices`. */
  readonly agentNotices?: readonly CleanText[];
  /** Names are still on their way: connections may show addresses for that reason alone. */
  readonly namesPending?: true;
  /** Services of the cluster that nothing stands behind: "namespace/name". Absent: there are none, or it is not known. */
  readonly servicesWithoutEndpoints?: readonly CleanText[];
  /** Services whose connections stay on their node, and have no endpoint on some that has clients. Absent: as above. */
  readonly localGaps?: readonly LocalGap[];
  /** Set while the agents themselves cannot be found: why. */
  readonly discoveryError?: CleanText;
}

/** A service of `internalTrafficPolicy: Local`, and nodes with pods but without an endpoint of it. */

export interface LocalGap {
  /** "namespace/name" */
  readonly service: CleanText;
  readonly nodes: readonly CleanText[];
}
