import { formatAgentName } from '../../format/agent.ts';
import { formatNotices } from '../../format/notices.ts';
import type { AgentState } from '../../model/agent.ts';
import { MIN_REASON_PAUSE_MS } from '../../model/limits.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** An agent's own text is in some notices, so an agent could make any number of them. */
const MAX_NOTICES = 1_000;

interface ReportedStatus {
  readonly kind: AgentState['status']['kind'];
  readonly text: string;
  /** When the last reason was reported: unix time in milliseconds. */
  readonly reasonAt: number;
}

/** What to write to stderr: status changes of agents, and each notice once. */
export class StatusReporter {
  readonly #agents = new Map<string, ReportedStatus>();
  readonly #reportedNotices = new Set<string>();

  report({ agents, notices, discoveryError, at }: Snapshot): string {
    const lines = agents.flatMap((agent) => this.#describeChange(agent, at));
    for (const notice of discoveryError === undefined ? notices : [discoveryError, ...notices]) {
      // In a notice about unparsed lines the number and the example may differ each time.
      const pattern = notice.replace(/"[^"]*"|\d[\d,]* lines?/g, '…');
      if (this.#reportedNotices.has(pattern) || this.#reportedNotices.size >= MAX_NOTICES) continue;
      this.#reportedNotices.add(pattern);
      lines.push(notice);
    }
    return formatNotices(lines);
  }

  #describeChange(agent: AgentState, at: number): string[] {
    const { kind } = agent.status;
    const reason = 'reason' in agent.status ? agent.status.reason : undefined;
    const hasReason = reason !== undefined;
    const text = hasReason ? `${kind}: ${reason}` : kind;
    const before = this.#agents.get(agent.key);
    if (text === before?.text) return [];
    // An agent may change its reason at any rate: the current reason is reported when the pause is over.
    const lastReason = before?.reasonAt ?? Number.NEGATIVE_INFINITY;
    if (hasReason && at - lastReason < MIN_REASON_PAUSE_MS) return [];
    this.#agents.set(agent.key, { kind, text, reasonAt: hasReason ? at : lastReason });
    // An agent is expected to connect and be live: this is reported only after another status.
    if (kind === 'connecting') return [];
    if (kind === 'live' && (before === undefined || before.kind === 'connecting')) return [];
    return [`${formatAgentName(agent)}: ${text}`];
  }
}
