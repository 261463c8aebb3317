import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { edgeKey } from '../../../../../src/client/graph/graph.ts';
import { buildGraph } from '../../../../../src/client/graph/graph-builder.ts';
import type { Connection } from '../../../../../src/client/model/connection.ts';
import type { Snapshot } from '../../../../../src/client/model/snapshot.ts';
import { drawGraph } from '../../../../../src/client/tui/graph-pane/draw.ts';
import { StableLayout } from '../../../../../src/client/tui/graph-pane/graph-layout.ts';
import { GraphPane } from '../../../../../src/client/tui/graph-pane/graph-pane.ts';
import { initialState } from '../../../../../src/client/tui/state.ts';
import { type Line, lineText } from '../../../../../src/client/tui/text/line.ts';
import { buildViewModelNow } from '../../../../../src/client/tui/view-model/view-model.ts';
import { agent, connection, nodeParty, pod, snapshot, unanswered } from '../fixtures.ts';
import { cluster } from './scenes.ts';

const NODES = ['node1', 'node2'].map((node) => agent(node));

function shown(all: Snapshot, width: number, height: number, selected?: string): Line[] {
  return new GraphPane().draw(buildViewModelNow(all, initialState()), width, height, selected);
}

function drawn(connections: readonly Connection[], width: number, height: number, selected?: string): Line[] {
  return shown(snapshot(connections, { agents: NODES }), width, height, selected);
}

function text(lines: readonly Line[]): string {
  return lines.map((line) => lineText(line).trimEnd()).join('\n');
}

function dots(lines: readonly Line[], style?: string): number {
  const parts = lines.flatMap((line) => line.filter((part) => style === undefined || part.style === style));
  return parts.flatMap((part) => [...part.text]).filter((one) => one >= '\u2801' && one <= '\u28ff').length;
}

const pair = { source: nodeParty('node1'), destination: nodeParty('node2') };

describe('drawing the graph', () => {
  it('joins two boxes by a line with both rates and a head at the end that receives more', () => {
    const lines = text(drawn([connection({ ...pair, sentRate: 1e6, receivedRate: 2.5e5 })], 78, 9));
    assert.match(lines, /→ 1\.00 MB\/s/);
    assert.match(lines, /← 250 kB\/s/);
    assert.match(lines, /[\u2801-\u28ff]▸│/);
    assert.match(text(drawn([connection({ ...pair, sentRate: 1, receivedRate: 2.5e5 })], 78, 9)), /│◂[\u2801-\u28ff]/);
  });

  it('is red too where what was answered before only stays in the table, and not where something moves', () => {
    const inkOf = (connections: Parameters<typeof drawn>[0]) =>
      drawn(connections, 78, 9)
        .flat()
        .filter(({ text, style }) => style === 'bad' && /[\u2801-\u28ff]/.test(text)).length;
    const ended = connection({ ...pair, sentRate: 0, receivedRate: 0 });
    assert.ok(inkOf([unanswered(pair), ended]) > 0);
    assert.equal(inkOf([unanswered(pair), connection(pair)]), 0);
  });

  it('tells what is unanswered in red, by a mark, and by a dashed line', () => {
    const lines = drawn([unanswered(pair), unanswered(pair)], 78, 9);
    const red = lines.flatMap((line) => line.filter(({ style }) => style === 'bad').map((part) => part.text)).join('');
    assert.match(red, /✗ 2/);
    assert.match(red, /[\u2801-\u28ff]/);
    assert.match(text(lines), /└─ node ─+ ✗ 2 ─┘/);
    const whole = drawn([connection({ ...pair, sentRate: 1, receivedRate: 1 })], 78, 9);
    assert.ok(dots(lines) < dots(whole));
  });

  it('draws heavier lines with more ink', () => {
    const inked = (rate: number) => {
      const light = connection({ source: nodeParty('node1'), destination: nodeParty('node3'), sentRate: rate });
      const graph = buildGraph([connection({ ...pair, sentRate: 1e6 }), light], { grouping: 'node' }, []);
      const edges = [...graph.edges.values()];
      const links = edges.map(({ from, to }) => ({ key: edgeKey(from, to), from, to, weight: 1, direction: 0 }));
      const size = { width: 80, height: 20 };
      const plan = new StableLayout().update({ names: [...graph.boxes.keys()], links, of: 'node', ...size });
      return dots(drawGraph({ graph: { ...graph, collapsed: 0 }, edges, ...plan, ...size }));
    };
    assert.ok(inked(9e5) > inked(1));
  });

  it('tells kinds apart by frame and word, and says what stays within a box', () => {
    const connections = [
      connection({
        ...pair,
        source: pod('web', 'node1'),
        destination: pod('api', 'node1'),
        sentRate: 1e3,
        receivedRate: 0,
      }),
      connection({ source: nodeParty('node1'), destination: { address: '203.0.113.9', kind: 'external' } }),
    ];
    const lines = text(drawn(connections, 78, 15));
    assert.match(lines, /┌─+ node1 ─+┐/);
    assert.match(lines, /┌╌+ outside ╌+┐/);
    assert.match(lines, /└─ node ─+┘/);
    assert.match(lines, /↻/);
  });

  it('greys a lost node and says that it is', () => {
    const lost = agent('node2', { status: { kind: 'lost', reason: 'gone', retryAt: 0 } });
    const lines = shown(snapshot([connection(pair)], { agents: [agent('node1'), lost] }), 60, 9);
    assert.ok(lines.some((line) => line.some((part) => part.style === 'stale' && part.text.includes('node2'))));
    assert.match(text(lines), / lost /);
  });

  it('marks what is selected by its frame, and lets the rest step back', () => {
    const connections = [
      connection(pair),
      connection({ source: nodeParty('node3'), destination: nodeParty('node4') }),
      connection({ source: nodeParty('node1'), destination: nodeParty('node3') }),
    ];
    const lines = drawn(connections, 100, 20, 'node1');
    assert.match(text(lines), /┏━+ node1 ━+┓/);
    assert.ok(dots(lines, 'rule') > 0);
    assert.equal(dots(drawn(connections, 100, 20), 'rule'), 0);
    const edge = drawn(connections, 120, 20, 'node2\nnode1');
    assert.ok(dots(edge, 'focus') > 0);
    assert.ok(dots(edge, 'rule') > 0);
    assert.match(text(edge), /\[.*\d [kM]?B\/s\]/);
  });

  it('lets no control character of a name through', () => {
    const evil = connection({ source: nodeParty('x\u001b[31m'), destination: nodeParty('y') });
    assert.ok(!text(drawn([evil], 60, 9)).includes('\u001b'));
  });

  it('shows an unknown rate as unknown', () => {
    const { sentRate: _, receivedRate: __, ...rest } = connection(pair);
    const lines = text(drawn([rest], 78, 9));
    assert.match(lines, /│ +– +│/);
    assert.doesNotMatch(lines, /0 B/);
  });

  it('takes any size', () => {
    for (const [width, height] of [
      [1, 1],
      [5, 2],
      [38, 3],
      [20, 4],
      [38, 6],
      [200, 2],
    ] as const) {
      const lines = drawn([connection(pair)], width, height);
      assert.equal(lines.length, height);
      for (const line of lines) assert.equal(lineText(line).length, width);
    }
  });

  it('keeps the heaviest nodes where not all fit, and the one that is selected', () => {
    const many = cluster(100);
    const graphPane = new GraphPane();
    const rate = (name: string) => graphPane.drawn.graph.boxes.get(name)?.traffic.rate ?? 0;
    graphPane.draw(buildViewModelNow(many, initialState()), 158, 46, undefined);
    const all = buildGraph(many.connections, { grouping: 'node' }, []);
    const heaviest = [...all.boxes.values()].sort((a, b) => (b.traffic.rate ?? 0) - (a.traffic.rate ?? 0));
    for (const { name, traffic } of heaviest.slice(0, 10)) assert.equal(rate(name), traffic.rate);
    const lightest = heaviest.at(-1)?.name ?? '';
    assert.ok(!graphPane.drawn.graph.boxes.has(lightest));
    graphPane.draw(buildViewModelNow(many, initialState()), 158, 46, lightest);
    assert.ok(graphPane.drawn.graph.boxes.has(lightest));
  });
});
