import type { Connection } from '../model/connection.ts';
import type { AgentTime } from './problem.ts';

interface Mark {
  agent: string;
  /** By the agent's clock. */
  since: number;
  round: number;
}

/**
 * For how long connections have been seen in some condition: a handshake in the middle, and one that nobody answers, look
 * alike except for that. Measured from poll to poll by the clock of the agent, so that neither a clock that is wrong nor an
 * agent that polls seldom makes a moment look long. Remembers the connections that are in the condition, and no others.
 */
export class ConditionTimer {
  readonly #marks = new Map<number, Mark>();
  #round = 0;

  /** The connection is in the condition. Milliseconds since it was first seen so. */
  observe({ id }: Connection, { agent, at }: AgentTime): number {
    const mark = this.#marks.get(id);
    if (mark === undefined || mark.agent !== agent) {
      this.#marks.set(id, { agent, since: at, round: this.#round });
      return 0;
    }
    mark.round = this.#round;
    return at - mark.since;
  }

  /** All of a moment have been noted: those that were not are forgotten. */
  endRound(): void {
    for (const [id, mark] of this.#marks) if (mark.round !== this.#round) this.#marks.delete(id);
    this.#round++;
  }
}
