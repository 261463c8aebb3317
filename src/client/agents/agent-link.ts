import type { Observable } from 'rxjs';
import type { WatchMessage } from '../../wire/decode.ts';
import type { AgentInfo } from '../model/agent.ts';

/** A connection to an agent, as far as watching needs it. An error's message gives the operator the reason. */
export interface AgentClient {
  /** Calls GetAgent once, when subscribed: one value, or an error. */
  readonly info$: Observable<AgentInfo>;
  /** Opens a stream, when subscribed. */
  readonly messages$: Observable<WatchMessage>;
}
