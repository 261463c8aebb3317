import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { nodesWithAgents } from '../../../../src/client/graph/graph.ts';
import { buildGraph } from '../../../../src/client/graph/graph-builder.ts';
import type { Connection } from '../../../../src/client/model/connection.ts';
import { formatDot } from '../../../../src/client/output/graphviz.ts';
import type { Grouping } from '../../../../src/client/traffic/grouping.ts';
import { connection, nodeParty, unanswered } from '../tui/fixtures.ts';
import { cluster, shop } from '../tui/graph-pane/scenes.ts';

function dot(connections: readonly Connection[], grouping: Grouping = 'node', title = 'test'): string {
  return [...formatDot(buildGraph(connections, { grouping }, []), title)].join('');
}

const found = spawnSync('dot', ['-V']).error === undefined;
const skip = found ? false : 'needs Graphviz: apt-get install graphviz';

describe('the graph in DOT', () => {
  it('has a line for each box and edge, from who asks to who is asked, with both rates', () => {
    const text = dot([connection({ source: nodeParty('b'), destination: nodeParty('a') })]);
    assert.match(text, /^digraph kflow \{\n/);
    assert.match(
      text,
      /\n {2}"a" \[label="a\\nnode\\n1\.00 kB\/s", shape=box, kind="node", connections=1, .*sent=900, received=100\];\n/,
    );
    assert.match(
      text,
      /\n {2}"b" -> "a" \[label="→ 100 B\/s\\n← 900 B\/s", .*connections=1, unanswered=0, sent=100, received=900\];\n/,
    );
    assert.match(text, /\n\}\n$/);
  });

  it('leaves out what is unknown, and marks what is unanswered', () => {
    const text = dot([unanswered({ source: nodeParty('a'), destination: nodeParty('b') })]);
    assert.match(text, /"a" -> "b" \[label="✗ 1", color="#d64545", style=dashed, connections=1, unanswered=1\];/);
    assert.doesNotMatch(text, /sent=/);
  });

  it('shows what stays within a box as an edge to itself', () => {
    assert.match(dot(shop(3).connections), /"node1" -> "node1" \[label="↻ /);
  });

  it('quotes names', () => {
    const text = dot([connection({ source: nodeParty('say "hi"\\'), destination: nodeParty('b\\') })], 'node', '"');
    assert.match(text, /"say \\"hi\\"\\\\" -> "b\\\\"|"b\\\\" -> "say \\"hi\\"\\\\"/);
    assert.match(text, /label="\\""/);
  });

  it('is what Graphviz reads', { skip }, () => {
    const evil = connection({ source: nodeParty('say "hi"\\'), destination: nodeParty('-> {a; b} //') });
    const texts = (['node', 'namespace', 'workload'] as const).map((grouping) => dot(shop(3).connections, grouping));
    for (const text of [
      ...texts,
      dot([evil], 'node', '" \\'),
      dot(cluster(12).connections),
      dot(cluster(100).connections),
      dot([]),
    ]) {
      const { status, stdout, stderr } = spawnSync('dot', ['-Tplain'], { input: text, encoding: 'utf8' });
      assert.equal(stderr.replaceAll(/^Fontconfig.*\n/gm, ''), '');
      assert.equal(status, 0);
      assert.equal(stdout.match(/^node /gm)?.length ?? 0, text.match(/, kind="/g)?.length ?? 0);
    }
    const graph = buildGraph(
      shop(3).connections,
      { grouping: 'node' },
      nodesWithAgents({ grouping: 'node' }, shop(4).agents),
    );
    const quiet = spawnSync('dot', ['-Tplain'], { input: [...formatDot(graph, 'x')].join(''), encoding: 'utf8' });
    assert.match(quiet.stdout, /^node node4 /m);
  });
});
