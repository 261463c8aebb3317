import { textOf } from '../../format/cells.ts';
import { edgeKey, type Graph } from '../../graph/graph.ts';
import { formatDot } from '../../output/graphviz.ts';
import type { ViewState } from '../state.ts';
import { exportedTable, isGraphShown, selectedIndex } from '../view-model/table-cursor.ts';
import type { ViewModel } from '../view-model/view-model.ts';
import { graphKey } from './graph-cursor.ts';

/** The selection as text: a row with tabs between its cells; in the graph the selected box or line, else the whole graph, as DOT. */
export function selectedText(state: ViewState, viewModel: ViewModel, graph: Graph): string | undefined {
  if (isGraphShown(state)) {
    const { boxes, edges } = around(graph, graphKey(state));
    return boxes.size === 0 ? undefined : [...formatDot({ boxes, edges }, viewModel.snapshot.origin)].join('');
  }
  const id = exportedTable(state);
  const table = viewModel.table(id);
  if (table.size === 0) return undefined;
  const row = selectedIndex(state, id, table);
  return table.columns.map((_, column) => textOf(table.cell(row, column))).join('\t');
}

/** A box with its lines and their other boxes; or a line with both its boxes. */
function around(graph: Graph, key: string | undefined): Graph {
  if (key === undefined) return graph;
  const [from = '', to] = key.split('\n');
  const edges = [...graph.edges].filter(([, edge]) =>
    to === undefined ? edge.from === from || edge.to === from : edgeKey(edge.from, edge.to) === edgeKey(from, to),
  );
  const names = new Set([from, ...edges.flatMap(([, edge]) => [edge.from, edge.to])]);
  const boxes = [...graph.boxes].filter(([name]) => names.has(name));
  return { boxes: new Map(boxes), edges: new Map(edges) };
}
