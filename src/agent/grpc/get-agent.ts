import type { AgentDescription } from '../../wire/agent.ts';
import type { NewestEntries } from '../conntrack/newest-entries.ts';
import type { TableFinder } from '../conntrack/table-finder.ts';
import type { PollTotals } from '../polling/poller.ts';

/** The agent's properties, apart from its table. */
export interface AgentIdentity {
  readonly node: string;
  readonly version: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
}

/** Describes the agent, its table and the kernel's information about it. Reads a few numbers; does not poll. */
export async function describeAgent(
  identity: AgentIdentity,
  finder: TableFinder,
  newest: NewestEntries,
  meter: PollTotals,
  subscribers: number,
): Promise<AgentDescription> {
  const { source } = finder;
  const state = finder.state$.value;
  const unparsedSample = meter.unparsedSample ?? (state.kind === 'found' ? state.garbled : undefined);
  return {
    ...identity,
    subscribers,
    candidates: finder.candidates,
    ...(source === undefined
      ? { source: 'unknown', path: '', accounting: 'unknown', timestamping: 'unknown' }
      : { source: source.kind, path: source.path, ...(await source.readInfo(newest)) }),
    ...(unparsedSample === undefined ? {} : { unparsedSample }),
    ...(state.kind === 'none' ? { unavailableReason: state.reason } : { sourceReason: state.choice }),
  };
}
