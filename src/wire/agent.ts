import { cutText, MAX_CANDIDATES, MAX_NODE_NAME, MAX_PATH, MAX_REASON, MAX_SAMPLE, MAX_VERSION } from '../limits.ts';
import type { GetAgentResponse, GetAgentResponse__Output } from './gen/kflow/v1/GetAgentResponse.ts';
import type { KernelCounters } from './gen/kflow/v1/KernelCounters.ts';
import { Setting } from './gen/kflow/v1/Setting.ts';
import { Source } from './gen/kflow/v1/Source.ts';
import { decodeTimestamp, encodeTimestamp } from './timestamp.ts';

/** On, off, or unknown. */
export type SettingState = 'on' | 'off' | 'unknown';

export interface Candidate {
  readonly path: string;
  /** "ok", or why the agent cannot read it. */
  readonly outcome: string;
}

/** The kernel's counters of the table, by their names in the contract (camelCase). */
export type CounterName = Exclude<keyof KernelCounters, symbol | `_${string}`>;

/** An agent, as GetAgent describes it. Absent fields are unknown. */
export interface AgentDescription {
  readonly node: string;
  readonly version: string;
  readonly source: 'procfs' | 'netlink' | 'unknown';
  /** Empty while the agent can read no table. */
  readonly path: string;
  readonly candidates: readonly Candidate[];
  readonly accounting: SettingState;
  readonly timestamping: SettingState;
  readonly entries?: number;
  readonly maxEntries?: number;
  readonly counters?: Readonly<Partial<Record<CounterName, number>>>;
  /** Unix time in milliseconds. */
  readonly startedAt?: number;
  readonly subscribers: number;
  readonly unavailableReason?: string;
  /** Why the agent reads the table from this source. */
  readonly sourceReason?: string;
  /** A line that the agent could not parse. */
  readonly unparsedSample?: string;
}

const SOURCES = {
  procfs: Source.SOURCE_PROCFS,
  netlink: Source.SOURCE_NETLINK,
  unknown: Source.SOURCE_UNSPECIFIED,
} as const;
const SETTINGS = { on: Setting.SETTING_ON, off: Setting.SETTING_OFF, unknown: Setting.SETTING_UNKNOWN } as const;

export function encodeAgent(agent: AgentDescription): GetAgentResponse {
  const response: GetAgentResponse = {
    nodeName: agent.node,
    version: agent.version,
    source: SOURCES[agent.source],
    path: agent.path,
    candidates: [...agent.candidates],
    accounting: SETTINGS[agent.accounting],
    timestamping: SETTINGS[agent.timestamping],
    subscribers: agent.subscribers,
  };
  if (agent.entries !== undefined) response.entries = agent.entries;
  if (agent.maxEntries !== undefined) response.maxEntries = agent.maxEntries;
  if (agent.counters !== undefined) response.counters = agent.counters;
  if (agent.startedAt !== undefined) response.startedAt = encodeTimestamp(agent.startedAt);
  if (agent.unavailableReason !== undefined) response.unavailableReason = agent.unavailableReason;
  if (agent.sourceReason !== undefined) response.sourceReason = agent.sourceReason;
  if (agent.unparsedSample !== undefined) response.unparsedSample = agent.unparsedSample;
  return response;
}

export function decodeAgent(response: GetAgentResponse__Output): AgentDescription {
  const { entries, maxEntries, counters, startedAt, unavailableReason, unparsedSample, sourceReason } = response;
  const startTime = decodeTimestamp(startedAt);
  return {
    node: cutText(response.nodeName ?? '', MAX_NODE_NAME),
    version: cutText(response.version ?? '', MAX_VERSION),
    source: keyOf(SOURCES, response.source) ?? 'unknown',
    path: cutText(response.path ?? '', MAX_PATH),
    candidates: response.candidates
      .slice(0, MAX_CANDIDATES)
      .map(({ path = '', outcome = '' }) => ({ path: cutText(path, MAX_PATH), outcome: cutText(outcome, MAX_REASON) })),
    accounting: keyOf(SETTINGS, response.accounting) ?? 'unknown',
    timestamping: keyOf(SETTINGS, response.timestamping) ?? 'unknown',
    ...(entries === undefined ? {} : { entries }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
    ...(counters ? { counters } : {}),
    ...(startTime === undefined ? {} : { startedAt: startTime }),
    subscribers: response.subscribers ?? 0,
    ...(unavailableReason ? { unavailableReason: cutText(unavailableReason, MAX_REASON) } : {}),
    ...(sourceReason ? { sourceReason: cutText(sourceReason, MAX_REASON) } : {}),
    ...(unparsedSample ? { unparsedSample: cutText(unparsedSample, MAX_SAMPLE) } : {}),
  };
}

function keyOf<K extends string>(values: Readonly<Record<K, number>>, value: number | undefined): K | undefined {
  for (const key in values) if (values[key] === value) return key;
  return undefined;
}
