import { formatNotices } from '../../format/notices.ts';
import type { AgentState } from '../../model/agent.ts';
import { MIN_REASON_PAUSE_MS } from '../../model/limits.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { formatAgentName } from './agent-messages.ts';

/** More cannot be of use to anybody; what an agent says of itself is in some of them. */
const MAX_NOTICES = 1_000;

interface ReportedStatus {
  readonly kind: AgentState['status']['kind'];
  readonly text: string;
  /** Of the last reason: unix time in milliseconds. */
  readonly reasonAt: number;
}

/** What is to be said on stderr: what happens to agents, and each notice once. */
export class StatusReporter {
  readonly #agents = new Map<string, ReportedStatus>();
  readonly #said = new Set<string>();

  of({ agents, notices, discoveryError, at }: Snapshot): string {
    const lines = agents.flatMap((agent) => this.#turn(agent, at));
    for (const notice of discoveryError === undefined ? notices : [discoveryError, ...notices]) {
      // Of lines that are not understood, their number and the example may be others each time.
      const gist = notice.replace(/"[^"]*"|\d[\d,]* lines?/g, '…');
      if (this.#said.has(gist) || this.#said.size >= MAX_NOTICES) continue;
      this.#said.add(gist);
      lines.push(notice);
    }
    return formatNotices(lines);
  }

  #turn(agent: AgentState, at: number): string[] {
    const { kind } = agent.status;
    const reason = 'reason' in agent.status ? agent.status.reason : undefined;
    const hasReason = reason !== undefined;
    const text = hasReason ? `${kind}: ${reason}` : kind;
    const before = this.#agents.get(agent.key);
    if (text === before?.text) return [];
    // An agent may give other reasons as often as it likes: what still holds when its time has come is said then.
    const lastReason = before?.reasonAt ?? Number.NEGATIVE_INFINITY;
    if (hasReason && at - lastReason < MIN_REASON_PAUSE_MS) return [];
    this.#agents.set(agent.key, { kind, text, reasonAt: hasReason ? at : lastReason });
    // That an agent connects and is live is what is expected: it is only said of one that was not.
    if (kind === 'connecting') return [];
    if (kind === 'live' && (before === undefined || before.kind === 'connecting')) return [];
    return [`${formatAgentName(agent)}: ${text}`];
  }
}
