import type { OptionValues } from 'commander';
import { formatNotices } from '../../format/notices.ts';
import { nodesWithAgents } from '../../graph/graph.ts';
import { buildGraph } from '../../graph/graph-builder.ts';
import { formatDot } from '../../output/graphviz.ts';
import { openSession } from '../../session/open-session.ts';
import { trafficNamespaces } from '../../session/session.ts';
import { groupingContext } from '../../traffic/grouping.ts';
import type { GraphFlags } from '../options/graph-options.ts';
import { parseSessionOptions } from '../options/source-options.ts';
import { collectFrom, firstValue } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { describeNoMatch, requireTables } from '../shared/messages.ts';
import { describeMissingAgents } from '../shared/missing-agents.ts';
import { buildFlowsFilter } from './flows-query.ts';

/** Polls to wait for: rates are known from the second on. */
const POLLS = 2;

/** Prints the traffic graph in the DOT language. */
export async function graph(
  root: OptionValues,
  flags: GraphFlags,
  terms: readonly string[],
  io: CommandIo,
): Promise<number> {
  const { by, ...rest } = flags;
  const asked = parseSessionOptions({ ...root, ...rest });
  const passes = buildFlowsFilter({ ...flags, namespace: trafficNamespaces(asked) }, terms);
  const source = await openSession(asked, io);
  try {
    const collected = await firstValue(collectFrom(source, { polls: POLLS }), io.signal);
    const { at, agents, connections, notices, origin } = requireTables(collected, source.timeoutMs);
    const passing = connections.filter((connection) => passes(connection, at));
    const none = passing.length === 0 ? describeNoMatch(connections, asked, agents) : [];
    io.stderr(formatNotices([...describeMissingAgents(collected), ...notices, ...none]));
    const grouping = groupingContext(by, agents);
    const drawn = buildGraph(passing, grouping, nodesWithAgents(grouping, agents));
    io.stdout([...formatDot(drawn, `kflow, by ${by}: ${origin}`)].join(''));
    await io.flushed();
    return 0;
  } finally {
    await source.close();
  }
}
