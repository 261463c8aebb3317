import type { GetAgentResponse__Output } from '../../wire/gen/kflow/v1/GetAgentResponse.ts';
import { Setting, type Setting__Output } from '../../wire/gen/kflow/v1/Setting.ts';
import { Source } from '../../wire/gen/kflow/v1/Source.ts';
import { decodeTimestamp } from '../../wire/timestamp.ts';
import type { AgentAbout } from '../model.ts';

export function decodeAgent(response: GetAgentResponse__Output): AgentAbout {
  const { source, entries, maxEntries, counters, startedAt, unavailableReason } = response;
  return {
    node: response.nodeName ?? '',
    version: response.version ?? '',
    source: source === Source.SOURCE_PROCFS ? 'procfs' : source === Source.SOURCE_NETLINK ? 'netlink' : 'unknown',
    path: response.path ?? '',
    accounting: setting(response.accounting),
    timestamping: setting(response.timestamping),
    ...(entries === undefined ? {} : { entries }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
    // A counter is always there when the kernel's were read: proto3 leaves out those that are 0.
    ...(counters ? { counters: { ...ZERO_COUNTERS, ...counters } } : {}),
    ...(startedAt ? { startedAt: decodeTimestamp(startedAt) } : {}),
    ...(unavailableReason ? { unavailableReason } : {}),
  };
}

const ZERO_COUNTERS = {
  insertFailed: 0,
  drop: 0,
  earlyDrop: 0,
  searchRestart: 0,
  invalid: 0,
  error: 0,
  found: 0,
  clashResolve: 0,
  chainTooLong: 0,
};

function setting(of: Setting__Output | undefined): AgentAbout['accounting'] {
  return of === Setting.SETTING_ON ? 'on' : of === Setting.SETTING_OFF ? 'off' : 'unknown';
}
