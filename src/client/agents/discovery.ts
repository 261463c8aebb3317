import { concat, NEVER, type Observable, of } from 'rxjs';
import { type CleanText, cleanText, sentence } from '../format/sanitize.ts';

/** An agent that is to be watched. Two targets with the same key are the same agent. */
export interface AgentTarget {
  /** "namespace/pod", "host:port", "local": as it was given, to be compared and dialed. Changes when the agent is another one (a new pod). */
  readonly key: string;
  /** The node's name, where discovery knows it. */
  readonly node?: CleanText;
  readonly namespace?: CleanText;
  readonly pod?: CleanText;
  /** Why it is only listed, and not watched: its node has another agent. */
  readonly unused?: CleanText;
  /**
   * Opens a way to the agent's gRPC port. Rejects with an Error whose message says why, for an operator. The caller
   * closes what it got, once. A dial is tried again by the caller, never by the target.
   */
  dial(signal: AbortSignal): Promise<DialResult>;
}

export interface DialResult {
  /** A gRPC target: "unix:/path", "host:port". */
  readonly address: string;
  /** Resolves, with the reason, when the way is broken. Absent: gRPC itself will notice. */
  readonly closed?: Promise<string>;
  close(): void;
}

/** What discovery knows at one moment. */
export interface DiscoveryResult {
  readonly targets: readonly AgentTarget[];
  /** Why the list may be wrong or empty ("pods is forbidden: …"). Absent: it is right. */
  readonly error?: CleanText;
  /** What the operator should know: agents elsewhere that are not used. */
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
