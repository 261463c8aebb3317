import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../../../../src/client/model.ts';
import { drawGraph } from '../../../../../src/client/view/graph/draw.ts';
import { buildGraph, edgeKey, foldGraph } from '../../../../../src/client/view/graph/graph.ts';
import { place } from '../../../../../src/client/view/graph/place.ts';
import { type Line, lineText } from '../../../../../src/client/view/text/line.ts';
import { connection, nodeParty, unanswered } from '../fixtures.ts';

function drawn(connections: readonly Connection[], width: number, height: number, limit = 10): readonly Line[] {
  const folded = foldGraph(buildGraph(connections, { grouping: 'node' }, []), limit, [], new Set());
  return drawGraph(folded, place([...folded.boxes.keys()], width, height), width, height);
}

function text(lines: readonly Line[]): string {
  return lines.map((line) => lineText(line).trimEnd()).join('\n');
}

const pair = { source: nodeParty('node1'), destination: nodeParty('node2') };

describe('drawing the graph', () => {
  it('joins two boxes by a line with its rate', () => {
    assert.equal(
      text(drawn([connection({ ...pair, sentRate: 1e6, receivedRate: 2.5e5 })], 60, 3)),
      [
        '╭── node1 ──╮                                  ╭── node2 ──╮',
        '│ 1.25 MB/s │⣶⣶⣶⣶⣶⣶⣶⣶⣶⣶⣶⣶ 1.25 MB/s ⣶⣶⣶⣶⣶⣶⣶⣶⣶⣶⣶│ 1.25 MB/s │',
        '╰───────────╯                                  ╰───────────╯',
      ].join('\n'),
    );
  });

  it('tells what is unanswered in red, by a mark, and by a dashed line', () => {
    const lines = drawn([unanswered(pair), unanswered(pair)], 60, 3);
    const red = lines.flatMap((line) => line.filter(({ style }) => style === 'bad').map((part) => part.text));
    assert.ok(red.some((part) => part.includes('✗ 2')));
    assert.ok(red.some((part) => /[\u2801-\u28ff]/.test(part)));
    assert.match(text(lines), /╰─── ✗ 2 ───╯/);
  });

  it('draws heavier edges with more ink', () => {
    const dots = (rate: number) => {
      const lines = drawn(
        [
          connection({ ...pair, sentRate: 1e6 }),
          connection({ source: nodeParty('node1'), destination: nodeParty('node3'), sentRate: rate }),
        ],
        80,
        20,
      );
      return [...text(lines)].filter((character) => character >= '\u2801' && character <= '\u28ff').length;
    };
    assert.ok(dots(9e5) > dots(1));
  });

  it('says how many boxes are folded', () => {
    const many = ['b', 'c', 'd', 'e'].map((name) =>
      connection({ source: nodeParty('a'), destination: nodeParty(name) }),
    );
    assert.match(text(drawn(many, 60, 12, 3)), /others \(3\)/);
  });

  it('lets no control character of a name through', () => {
    const evil = connection({ source: nodeParty('x\u001b[31m'), destination: nodeParty('y') });
    assert.ok(!text(drawn([evil], 60, 9)).includes('\u001b'));
  });

  it('marks the box or edge that is selected', () => {
    const folded = foldGraph(buildGraph([connection(pair)], { grouping: 'node' }, []), 9, [], new Set());
    const placed = place([...folded.boxes.keys()], 60, 3);
    assert.match(text(drawGraph(folded, placed, 60, 3, { box: 'node1' })), /┏━━ node1 ━━┓/);
    const edge = drawGraph(folded, placed, 60, 3, { edge: edgeKey('node1', 'node2') });
    assert.ok(edge.some((line) => line.some((part) => part.style === 'focus' && /[\u2801-\u28ff]/.test(part.text))));
  });
});
