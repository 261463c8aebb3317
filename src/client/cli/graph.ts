import type { OptionValues } from 'commander';
import { buildGraph } from '../view/graph/builder.ts';
import { dotLines } from '../view/graph/dot.ts';
import { watchedNodes } from '../view/graph/graph.ts';
import { groupingOf } from '../view/graph/grouping.ts';
import { firstOf } from './first-of.ts';
import { flowsFilter } from './flows-query.ts';
import { gatherFrom } from './gather-from.ts';
import type { GraphFlags } from './graph-options.ts';
import type { CommandIo } from './io.ts';
import { openSource } from './source.ts';
import { checkedSource, trafficNamespaces } from './source-options.ts';
import { missingLines, noneFits, noticeLines, requireTables } from './words.ts';

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
