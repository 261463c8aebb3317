import { buildGraph } from '../graph/builder.ts';
import { dotLines } from '../graph/dot.ts';
import { watchedNodes } from '../graph/graph.ts';
import type { ExportFormat } from './format.ts';

/** The whole graph, as it is grouped: Graphviz draws it (`dot -Tsvg`). */
export const DOT: ExportFormat = {
  id: 'dot',
  help: 'the graph, all its boxes and lines, for Graphviz: `dot -Tsvg`',
  *pieces(_, { passing, grouping, snapshot }) {
    const graph = buildGraph(passing, grouping, watchedNodes(grouping, snapshot.agents));
    yield* dotLines(graph, `kflow, by ${grouping.grouping}: ${snapshot.origin}`);
  },
};
