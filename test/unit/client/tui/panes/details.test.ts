import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runToEnd } from '../../../../../src/client/async/chunked-work.ts';
import type { Connection } from '../../../../../src/client/model/connection.ts';
import type { Problem } from '../../../../../src/client/problems/problem.ts';
import { connectionSeries, RateHistory } from '../../../../../src/client/traffic/rate-history.ts';
import { EMPTY_GRAPH } from '../../../../../src/client/tui/graph-pane/navigation.ts';
import { renderDetails } from '../../../../../src/client/tui/panes/details.ts';
import { initialState, type TableId } from '../../../../../src/client/tui/state.ts';
import { lineText } from '../../../../../src/client/tui/text/line.ts';
import { Summaries } from '../../../../../src/client/tui/view-model/summaries.ts';
import { buildViewModel, buildViewModelNow } from '../../../../../src/client/tui/view-model/view-model.ts';
import { agent, connection, hop, NOW, pod, snapshot, unanswered } from '../fixtures.ts';

const CART = pod('cart', 'node1');
const WEB = pod('web', 'node2');
const service = { namespace: 'shop', name: 'front', address: '10.96.0.9', port: 80 };
const CONNECTIONS = [
  connection({ source: CART, destination: WEB, service, hops: [hop('node1')], sentRate: 10, receivedRate: 5000 }),
  connection({ source: CART, destination: { address: '192.0.2.9' }, hops: [hop('node1')] }),
  unanswered({ source: WEB, destination: CART, hops: [hop('node1')] }),
];

const INPUT = { graph: EMPTY_GRAPH, summaries: new Summaries(), now: NOW };

function shown(subject: TableId, problems: readonly Problem[] = [], connections: readonly Connection[] = CONNECTIONS) {
  const state = { ...initialState(), detailTarget: subject };
  const history = new RateHistory();
  const agents = [agent('node1')];
  const frame = (seconds: number) => snapshot(connections, { at: NOW + seconds * 1000, agents });
  for (let second = 0; second < 5; second++) runToEnd(history.record(frame(second), new Set(), state.workloadGrouping));
  const viewModel = buildViewModelNow(frame(4), state, problems);
  const { title, lines } = renderDetails({ ...INPUT, state, viewModel, history, width: 140 });
  return [title, ...lines.map(lineText)].join('\n');
}

test('a connection: its way, state, bytes, and rate over time', () => {
  const text = shown('connections');
  assert.match(
    text,
    /^Connection\npath {5}.*shop\/cart-5d8-x2 on node1 → 10\.96\.0\.9:80 service shop\/front → .*shop\/web/,
  );
  assert.match(text, /state {4}tcp ESTABLISHED/);
  assert.match(text, /rate {5}█{5} 5s, most 5\.01 kB\/s {3}2 s 5\.01 kB\/s {3}10 s 5\.01 kB\/s {3}40 s 5\.01 kB\/s/);
});

test('a connection whose address had several owners: it is reported whose it may be', () => {
  const job = { ...pod('job', 'node1'), ended: true } as const;
  const address = job.address;
  const source = { address, candidates: [job, WEB] };
  const text = shown('connections', [], [connection({ source, destination: CART, hops: [hop('node1')] })]);
  assert.match(text, new RegExp(`path {5}${address}:\\d+ → `));
  assert.match(text, new RegExp(`either {3}${address}: pod shop/job-5d8-x2 \\(ended\\) or pod shop/web-5d8-x2, `));
});

test('a workload: its traffic, states, peers and heaviest connections', () => {
  const text = shown('workloads');
  assert.match(text, /^Deployment shop\/cart\ntraffic {2}6\.01 kB\/s .*3 connections {3}✗ 1 unanswered/);
  assert.match(text, /rate {5}█{5}/);
  assert.match(text, /states {3}ESTABLISHED 2 {3}✗ no reply 1/);
  assert.match(text, /peers {4}shop\/web +5\.01 kB\/s {3}2 connections {3}✗ 1 .*\n +192\.0\.2\.9/);
  assert.match(text, /shop\/cart-5d8-x2 → shop\/web-5d8-x2:443 +tcp 5\.01 kB\/s/);
});

test('wide columns: averages over 2, 10 and 40 s of what was seen', () => {
  const history = new RateHistory();
  const [one] = CONNECTIONS;
  for (const [second, rate] of [10, 20, 30, 40].entries())
    history.addSample(connectionSeries(one?.id ?? 0), NOW + second * 1000, rate);
  const state = { ...initialState(), wide: true };
  const at = NOW + 3000;
  const viewModel = runToEnd(buildViewModel(snapshot(CONNECTIONS, { at }), state, [], [], history));
  const table = viewModel.table('connections');
  const cells = (row: number) =>
    table.columns.flatMap(({ id }, column) => (id.startsWith('average') ? [table.cell(row, column)] : []));
  assert.deepEqual(cells(table.indexOf(one?.id ?? 0)), ['35 B/s', '25 B/s', '25 B/s']);
  assert.deepEqual(cells(table.indexOf(CONNECTIONS[1]?.id ?? 0)), ['–', '–', '–']);
});

test('a service: who asks and who answers', () => {
  const text = shown('services');
  assert.match(text, /^Service shop\/front port 80\n/);
  assert.match(text, /clients {2}shop\/cart +5\.01 kB\/s {3}1 connection +heaviest shop\/cart-5d8-x2 → /);
  // Rates stand below each other.
  assert.match(text, /backends shop\/web-5d8-x2 {3}5\.01 kB\/s/);
  assert.match(text, /clients {2}shop\/cart {9}5\.01 kB\/s/);
});

test('a node: who talks there; an agent: how it is', () => {
  assert.match(shown('nodes'), /^Node node1\ntraffic .*\nrate .*\nstates .*\ntable .*\nclients {2}shop\/cart/);
  assert.match(shown('agents'), /^Agent on node1\nstatus {3}● live\nrate .*\ntable /);
});

test('a problem: what it means, what to do, and whose connections are behind it', () => {
  const problem: Problem = {
    key: 'x',
    severity: 3,
    title: 'TCP SYN unanswered',
    subject: 'shop/cart:443',
    count: 1,
    unit: 'connections that wait',
    explanation: 'nothing comes back',
    nextStep: { text: 'look at network policies' },
    matches: ({ replied }) => !replied,
  };
  const text = shown('problems', [problem]);
  assert.match(text, /^Problem\nproblem {2}TCP SYN unanswered at shop\/cart:443 {3}connections that wait: 1/);
  assert.match(text, /meaning {2}nothing comes back\nnext {5}look at network policies\nfrom {5}shop\/web .*✗ 1/);
  assert.match(text, /shop\/web-5d8-x2 → shop\/cart-5d8-x2:443/);
});

test('without accounting there is no rate to show, and nothing selected is said', () => {
  const { sentRate: _, receivedRate: __, ...bare } = connection({ hops: [hop('node1')] });
  assert.doesNotMatch(shown('connections', [], [bare]), /^rate/m);
  assert.equal(shown('workloads', [], []), 'Details\nnothing is selected');
});

function ofConnection(one: Connection, width: number, agents = [agent('node1'), agent('node2')]): string {
  const viewModel = buildViewModelNow(snapshot([one], { at: NOW, agents }), initialState(), []);
  const { lines } = renderDetails({ ...INPUT, state: initialState(), viewModel, history: new RateHistory(), width });
  return lines.map(lineText).join('\n');
}

test('a connection through NAT: all of it in six lines where there is width for it', () => {
  const snat = { address: '10.89.0.12', port: 54154 };
  const hops = [hop('node1'), hop('node2')];
  const one = connection({ source: CART, destination: WEB, service, snat, hops });
  const lines = ofConnection(one, 158).split('\n');
  assert.match(lines[0] ?? '', /^path .* → 10\.96\.0\.9:80 service shop\/front → 10\.89\.0\.12:54154 SNAT/);
  const facts = lines.slice(0, 6).join('\n');
  assert.match(facts, /^state {4}tcp ESTABLISHED .* out .* in .*$/m);
  assert.match(facts, /^node1 .*\nnode2 /m);
  // What there is no room for is not cut in the middle: the counters come first.
  for (const line of ofConnection(one, 78).split('\n')) assert.ok(line.length <= 78, line);
  assert.match(ofConnection(one, 78), /^node1 .* out +– +in +–$/m);
});

test('a connection whose agents are away: which, and how', () => {
  const one = connection({ hops: [hop('node1'), hop('node2')], stale: true });
  const lost = agent('node1', { status: { kind: 'lost', reason: 'gone', retryAt: NOW } });
  const connecting = agent('node2', { status: { kind: 'connecting' } });
  const text = ofConnection(one, 158, [lost, connecting]);
  assert.match(text, /stale: agent on node1 lost, agent on node2 connecting; these numbers are old/);
});
