import type { AgentDescription } from '../../wire/agent.ts';
import type { PollReport } from '../../wire/decode.ts';
import { cleanPath, cleanSentence, cleanText, cleanTo } from '../format/sanitize.ts';
import type { AgentInfo, AgentPoll } from '../model/agent.ts';

/** An agent's information about itself. Its texts are sanitized here, and nowhere else. */
export function cleanInfo(description: AgentDescription): AgentInfo {
  const { node, version, source, path, accounting, timestamping } = description;
  const { entries, maxEntries, counters, startedAt, unavailableReason, unparsedSample, sourceReason } = description;
  return {
    node: cleanText(node),
    version: cleanTo(version, 128),
    source,
    path: cleanPath(path),
    accounting,
    timestamping,
    ...(entries === undefined ? {} : { entries }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
    ...(counters === undefined ? {} : { counters }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(unavailableReason === undefined ? {} : { unavailableReason: cleanSentence(unavailableReason) }),
    ...(sourceReason === undefined ? {} : { sourceReason: cleanSentence(sourceReason) }),
    ...(unparsedSample === undefined ? {} : { unparsedSample: cleanText(unparsedSample) }),
  };
}

export function cleanPoll({ unparsedSample, ...report }: PollReport): AgentPoll {
  return { ...report, ...(unparsedSample === undefined ? {} : { unparsedSample: cleanText(unparsedSample) }) };
}
