import { AGENT_COLUMNS } from '../../columns/agent-columns.ts';
import { stringifyPrintable } from '../../format/sanitize.ts';
import { toAgentJson } from '../../output/agent-json.ts';
import { TextTable } from '../../output/text-table.ts';
import { openSession } from '../../session/open-session.ts';
import type { SessionOptions } from '../../session/session.ts';
import { usageError } from '../../session/user-error.ts';
import { collectFrom, firstValue } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { requireAgents } from '../shared/messages.ts';

export interface AgentsOptions {
  readonly source: SessionOptions;
  readonly output: 'table' | 'wide' | 'json';
}

/** Text output cuts nothing off: long columns come last, so that they do not shift others. */
export const CLI_AGENT_COLUMNS = AGENT_COLUMNS.toSorted(
  (a, b) => Number(a.id === 'reason') - Number(b.id === 'reason'),
);

/** Prints the agents once each has replied or timed out. */
export async function agents(options: AgentsOptions, io: CommandIo): Promise<number> {
  const [namespace] = options.source.namespace ?? [];
  if (namespace !== undefined)
    throw usageError(
      `-n is the namespace of traffic, and agents are of all: --agent-namespace ${namespace} chooses the agents there`,
    );
  const source = await openSession(options.source, io);
  try {
    const { timeoutMs } = source;
    const collected = await firstValue(collectFrom(source, { polls: 1, infos: true }), io.signal);
    const { agents: found, at } = requireAgents(collected, timeoutMs);
    const sorted = found.toSorted((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0));
    if (options.output === 'json') {
      io.stdout(`${stringifyPrintable(sorted.map(toAgentJson), 2)}\n`);
    } else {
      const table = new TextTable(CLI_AGENT_COLUMNS.filter(({ wide }) => options.output === 'wide' || !wide));
      const lines = table.rows(sorted, { names: true, now: at });
      io.stdout(`${[table.heading(), ...lines].join('\n')}\n`);
    }
    return 0;
  } finally {
    await source.close();
  }
}
