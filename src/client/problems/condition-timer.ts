import type { Connection } from '../model/connection.ts';
import type { AgentTime } from './problem.ts';

interface Mark {
  agent: string;
  /** By the agent's clock. */
  since: number;
  round: number;
}

/**
 * How long connections have been in a condition: a handshake in progress and one without a reply look
 * the same except for that. It is measured from poll to poll by the agent's clock, so that neither a wrong clock nor
 * rare polls make a short time look long. It only remembers connections in the condition.
 */
export class ConditionTimer {
  readonly #marks = new Map<number, Mark>();
  #round = 0;

  /** Records that the connection is in the condition. Returns the milliseconds since it was first seen so. */
  observe({ id }: Connection, { agent, at }: AgentTime): number {
    const mark = this.#marks.get(id);
    if (mark === undefined || mark.agent !== agent) {
      this.#marks.set(id, { agent, since: at, round: this.#round });
      return 0;
    }
    mark.round = this.#round;
    return at - mark.since;
  }

  /** Call it after all connections of a snapshot: connections that were not observed are forgotten. */
  endRound(): void {
    for (const [id, mark] of this.#marks) if (mark.round !== this.#round) this.#marks.delete(id);
    this.#round++;
  }
}
