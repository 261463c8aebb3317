/**
 * The graph's pictures that are kept in test/fixtures/graphs. After a change of how graphs look, write them again and look
 * at each: `node test/unit/client/tui/graph-pane/pictures.ts`. With `--colour NAME` one is printed as a terminal shows it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Snapshot } from '../../../../../src/client/model/snapshot.ts';
import type { Grouping } from '../../../../../src/client/traffic/grouping.ts';
import { GraphPane } from '../../../../../src/client/tui/graph-pane/graph-pane.ts';
import { initialState } from '../../../../../src/client/tui/state.ts';
import { type Line, lineText } from '../../../../../src/client/tui/text/line.ts';
import { applyStyle } from '../../../../../src/client/tui/text/style.ts';
import { buildViewModelNow } from '../../../../../src/client/tui/view-model/view-model.ts';
import { cluster, shop } from './scenes.ts';

export interface Picture {
  readonly name: string;
  readonly snapshot: () => Snapshot;
  readonly grouping: Grouping;
  readonly width: number;
  readonly height: number;
  readonly selected?: string;
}

export const PICTURES: readonly Picture[] = [
  { name: '2-nodes', snapshot: () => shop(2), grouping: 'node', width: 78, height: 20 },
  { name: '3-nodes', snapshot: () => shop(3), grouping: 'node', width: 78, height: 20 },
  { name: '3-nodes-in-the-overview', snapshot: () => shop(3), grouping: 'node', width: 38, height: 7 },
  { name: '3-nodes-at-40x10', snapshot: () => shop(3), grouping: 'node', width: 38, height: 6 },
  { name: 'namespaces', snapshot: () => shop(3), grouping: 'namespace', width: 98, height: 28 },
  { name: 'workloads', snapshot: () => shop(3), grouping: 'workload', width: 158, height: 46 },
  { name: 'workloads-at-80x24', snapshot: () => shop(3), grouping: 'workload', width: 78, height: 20 },
  { name: '12-nodes', snapshot: () => cluster(12), grouping: 'node', width: 158, height: 46 },
  {
    name: '12-nodes-one-selected',
    snapshot: () => cluster(12),
    grouping: 'node',
    width: 158,
    height: 46,
    selected: 'node-7',
  },
  { name: '12-nodes-at-80x24', snapshot: () => cluster(12), grouping: 'node', width: 78, height: 20 },
  { name: '100-nodes', snapshot: () => cluster(100), grouping: 'node', width: 198, height: 56 },
];

export const FOLDER = new URL('../../../../fixtures/graphs/', import.meta.url);

export function linesOf({ snapshot, grouping, width, height, selected }: Picture): Line[] {
  const viewModel = buildViewModelNow(snapshot(), { ...initialState(), grouping });
  return new GraphPane().draw(viewModel, width, height, selected);
}

export function textOf(graphPane: Picture): string {
  return `${linesOf(graphPane)
    .map((line) => lineText(line).trimEnd())
    .join('\n')}\n`;
}

if (import.meta.main) {
  const [option, wanted] = process.argv.slice(2);
  mkdirSync(FOLDER, { recursive: true });
  for (const graphPane of PICTURES) {
    if (option === undefined) writeFileSync(new URL(`${graphPane.name}.txt`, FOLDER), textOf(graphPane));
    else if (graphPane.name === wanted)
      for (const line of linesOf(graphPane))
        process.stdout.write(`${line.map(({ text, style }) => applyStyle(text, style, '256')).join('')}\n`);
  }
}
