import type { AgentState, Snapshot } from '../model.ts';
import { agentName, noticeLines } from './words.ts';

/** What is to be said on stderr: what happens to agents, and each notice once. */
export class Words {
  readonly #status = new Map<string, string>();
  readonly #said = new Set<string>();

  of({ agents, notices, problem }: Snapshot): string {
    const lines = agents.flatMap((agent) => this.#turn(agent));
    for (const notice of problem === undefined ? notices : [problem, ...notices]) {
      if (this.#said.has(notice)) continue;
      this.#said.add(notice);
      lines.push(notice);
    }
    return noticeLines(lines);
  }

  #turn(agent: AgentState): string[] {
    const { status } = agent;
    const text = 'reason' in status ? `${status.kind}: ${status.reason}` : status.kind;
    const before = this.#status.get(agent.key);
    this.#status.set(agent.key, text);
    // That an agent connects and is live is what is expected: it is only said of one that was not.
    if (text === before || status.kind === 'connecting') return [];
    if (status.kind === 'live' && (before === undefined || before === 'connecting')) return [];
    return [`${agentName(agent)}: ${text}`];
  }
}
