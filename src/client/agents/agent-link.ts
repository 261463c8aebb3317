import type { Observable } from 'rxjs';
import type { WatchMessage } from '../../wire/decode.ts';
import type { AgentAbout } from '../model/agent.ts';

/** A connection to an agent, as far as watching needs it. Errors are Errors whose message tells an operator why. */
export interface AgentLink {
  /** Asks once, when subscribed: one value, or an error. */
  readonly about$: Observable<AgentAbout>;
  /** Opens a stream, when subscribed. */
  readonly messages$: Observable<WatchMessage>;
}
