import type { OptionValues } from 'commander';
import { noticeLines } from '../../format/notices.ts';
import { watchedNodes } from '../../graph/graph.ts';
import { buildGraph } from '../../graph/graph-builder.ts';
import { dotLines } from '../../output/graphviz.ts';
import { openSource } from '../../session/open-session.ts';
import { trafficNamespaces } from '../../session/session.ts';
import { groupingOf } from '../../traffic/grouping.ts';
import type { GraphFlags } from '../options/graph-options.ts';
import { checkedSource } from '../options/source-options.ts';
import { firstOf, gatherFrom } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { missingLines, noneFits, requireTables } from '../shared/messages.ts';
import { flowsFilter } from './flows-query.ts';

/** Polls to wait for: rates are known from the second on. */
const POLLS = 2;

/** Prints who talks to whom, in the DOT language. */
export async function graph(
  root: OptionValues,
  flags: GraphFlags,
  words: readonly string[],
  io: CommandIo,
): Promise<number> {
  const { by, ...rest } = flags;
  const asked = checkedSource({ ...root, ...rest });
  const passes = flowsFilter({ ...flags, namespace: trafficNamespaces(asked) }, words);
  const source = await openSource(asked, io);
  try {
    const gathered = await firstOf(gatherFrom(source, { polls: POLLS }), io.signal);
    const { at, agents, connections, notices, origin } = requireTables(gathered, source.timeoutMs);
    const passing = connections.filter((connection) => passes(connection, at));
    const none = passing.length === 0 ? noneFits(connections, asked, agents) : [];
    io.err(noticeLines([...missingLines(gathered), ...notices, ...none]));
    const grouping = groupingOf(by, agents);
    const drawn = buildGraph(passing, grouping, watchedNodes(grouping, agents));
    io.out([...dotLines(drawn, `kflow, by ${by}: ${origin}`)].join(''));
    await io.drained();
    return 0;
  } finally {
    await source.close();
  }
}
