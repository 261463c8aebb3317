import type { Observable } from 'rxjs';
import type { FlowDelta } from '../../flow/apply.ts';
import type { AgentAbout, AgentPoll } from '../model.ts';

/** One message of WatchFlows, decoded. */
export interface FlowMessage {
  /** 1, 2, 3 … on one stream. */
  readonly sequence: number;
  /** Unix time in milliseconds, by the agent's clock. */
  readonly observedAt: number;
  /** A part of a whole table. */
  readonly snapshot: boolean;
  /** The last message of one poll's worth. */
  readonly endOfPoll: boolean;
  readonly delta: FlowDelta;
  readonly poll?: AgentPoll;
  /** Why the agent's last poll failed. */
  readonly pollError?: string;
}

/** A connection to an agent, as far as watching needs it. Errors are Errors whose message tells an operator why. */
export interface AgentLink {
  /** Asks once, when subscribed: one value, or an error. */
  readonly about$: Observable<AgentAbout>;
  /** Opens a stream, when subscribed. */
  readonly messages$: Observable<FlowMessage>;
}
