import { concat, NEVER, type Observable, of } from 'rxjs';
import { type CleanText, cleanText, sentence } from '../format/sanitize.ts';

/** An agent to watch. Two targets with the same key are the same agent. */
export interface AgentTarget {
  /** "namespace/pod", "host:port", "local": as it was given, for comparing and dialing. A new agent (another pod) has another key. */
  readonly key: string;
  /** The node's name, if discovery knows it. */
  readonly node?: CleanText;
  readonly namespace?: CleanText;
  readonly pod?: CleanText;
  /** Why it is only listed and not watched: its node has another agent. */
  readonly unused?: CleanText;
  /**
   * Opens a connection to the agent's gRPC port. Rejects with an Error whose message gives the operator the reason. The caller
   * closes the result, once. Only the caller retries, never the target.
   */
  dial(signal: AbortSignal): Promise<DialResult>;
}

export interface DialResult {
  /** A gRPC target: "unix:/path", "host:port". */
  readonly address: string;
  /** Resolves with the reason when the connection breaks. Absent: gRPC itself notices. */
  readonly closed?: Promise<string>;
  close(): void;
}

/** The agents that discovery knows now. */
export interface DiscoveryResult {
  readonly targets: readonly AgentTarget[];
  /** Why the list may be wrong or empty ("pods is forbidden: …"). Absent: it is complete. */
  readonly error?: CleanText;
  /** For the operator: agents in other namespaces that are not used. */
  readonly notices?: readonly CleanText[];
}

/** Never errors: errors are in `error`, and discovery keeps trying. */
export interface Discovery {
  /** For the header: "this machine", the kubeconfig's context, "2 endpoints". */
  readonly origin: CleanText;
  readonly discovered$: Observable<DiscoveryResult>;
}

/** A list that does not change. */
export function staticDiscovery(targets: readonly AgentTarget[]): Discovery {
  const origin = targets.length === 1 ? cleanText(targets[0]?.key ?? '') : sentence`${targets.length} endpoints`;
  return { origin, discovered$: concat(of({ targets }), NEVER) };
}
