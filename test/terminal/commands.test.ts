import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { formatCsvHeading } from '../../src/client/output/csv.ts';
import { each } from '../each.ts';
import { until } from '../lab/until.ts';
import { fixedConsole } from './fixed/terminal.ts';
import { orderOf, tableOf } from './screen.ts';
import { DEADLINE_MS, type Tmux, tmuxUnavailable } from './tmux.ts';

describe('the command line of the console', { skip: tmuxUnavailable() ?? false }, () => {
  let folder: string;
  let terminal: Tmux | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kflow-commands-'));
  });
  afterEach(() => terminal?.close());
  after(() => rmSync(folder, { recursive: true }));

  async function opened(): Promise<Tmux> {
    terminal = fixedConsole('cluster', { folder });
    await terminal.shows(/2\/3 agents/);
    await terminal.shows(/SYN_SENT/);
    return terminal;
  }

  async function run(console: Tmux, command: string): Promise<void> {
    console.keys(':');
    console.type(command);
    await console.shows(`:${command}`);
    console.keys('Enter');
    await console.hidden(/█$/m);
  }

  it('Tab completes commands and their values, and shows what there is', async () => {
    const console = await opened();
    console.keys(':');
    console.type('vi');
    await console.shows(/Tab: view/);
    console.keys('Tab');
    await console.shows(/ :view █/);
    await console.shows(/Tab: overview connections workloads services graph problems agents/);
    console.type('wo');
    console.keys('Tab', 'Enter');
    await console.shows(/▸ Workloads/);
    console.keys(':');
    console.type('ns sh');
    console.keys('Tab', 'Enter');
    await console.shows(/\/ns:shop/);
  });

  it('up and down bring back what was entered before', async () => {
    const console = await opened();
    await run(console, 'sort age');
    await run(console, 'view agents');
    await console.shows(/▸ Agents/);
    console.keys(':', 'Up', 'Up');
    await console.shows(/ :sort age█/);
    console.keys('Down');
    await console.shows(/ :view agents█/);
    console.keys('Escape');
    await console.hidden(':view agents');
  });

  it(':sort, :filter, :view, :ns, :node and :group do what they say', async () => {
    const console = await opened();
    await run(console, 'sort source');
    await console.shows((screen) => orderOf(tableOf(screen, 'Connections')).join() === 'SOURCE▲');
    await run(console, 'filter state:syn_sent');
    await console.shows((screen) => each(tableOf(screen, 'Connections').rows, (row) => row.STATE === 'SYN_SENT'));
    await run(console, 'filter');
    await console.shows((screen) => tableOf(screen, 'Connections').rows.some((row) => row.STATE === 'ESTABLISHED'));
    await run(console, 'ns batch');
    await console.shows((screen) =>
      each(tableOf(screen, 'Connections').rows, (row) => /batch\//.test(row.SOURCE ?? '')),
    );
    await run(console, 'ns');
    await run(console, 'node node2');
    await console.shows(/only node2 \(c: all\)/);
    await console.shows((screen) => each(tableOf(screen, 'Connections').rows, (row) => /node2/.test(row.NODES ?? '')));
    await run(console, 'node');
    await console.hidden(/only node2/);
    await run(console, 'group namespace');
    await console.shows(/Graph by namespace/);
    await run(console, 'view workloads');
    await run(console, 'group namespace');
    await console.shows((screen) => tableOf(screen, 'Workloads').rows.some((row) => row.NAMESPACE === 'shop'));
  });

  it('what is wrong is said, with what there is', async () => {
    const console = await opened();
    await run(console, 'dance');
    await console.shows(/unknown command :dance; commands: sort, filter, view, ns, node, group, export/);
    await run(console, 'sort colour');
    await console.shows(/:sort does not know "colour"; it takes one of: source, destination/);
    await run(console, 'filter port:abc');
    await console.shows(/"abc" is not a port/);
    await run(console, 'node node9');
    await console.shows(/no agent on a node "node9"/);
    await run(console, 'view 9');
    await console.shows(/:view does not know "9"; it takes one of: overview, connections/);
  });

  it('e writes what is shown to a csv file; :export json, dot and names of files do as they say', async () => {
    const console = await opened();
    const { rows } = tableOf(console.screen(), 'Connections');
    console.keys('e');
    await console.shows(/^ :export kflow-connections-.*\.csv█/m);
    assert.deepEqual(readdirSync(folder), [], 'no file without a name that was seen');
    console.keys('Enter');
    await console.shows(/written to kflow-connections-.*\.csv/);
    const csv = readdirSync(folder).find((name) => name.endsWith('.csv')) ?? assert.fail();
    const lines = readFileSync(join(folder, csv), 'utf8').trimEnd().split('\n');
    assert.equal(lines[0], formatCsvHeading());
    assert.equal(lines.length, rows.length + 1);
    console.keys('e', 'Enter');
    await console.shows(/not written: .*exists/);
    console.keys(':');
    console.type('export json');
    await console.shows(/:export json█/);
    console.keys('Enter');
    await console.shows(/^ :export kflow-connections-.*\.json█/m);
    console.keys('Enter');
    await console.shows(/written to kflow-connections-.*\.json/);
    const json = readdirSync(folder).find((name) => name.endsWith('.json')) ?? assert.fail();
    const connections = JSON.parse(readFileSync(join(folder, json), 'utf8'));
    assert.equal(connections.length, rows.length);
    assert.equal(connections[0].source.namespace, 'shop');
    await run(console, 'export mine.json');
    await console.shows(/written to mine\.json/);
    assert.equal(readFileSync(join(folder, 'mine.json'), 'utf8'), readFileSync(join(folder, json), 'utf8'));
    await run(console, 'export mine.json');
    await console.shows(/not written: .*exists/);
    await run(console, 'export dot graph.dot');
    await console.shows(/written to graph\.dot/);
    await until('a graph', DEADLINE_MS, () =>
      assert.match(readFileSync(join(folder, 'graph.dot'), 'utf8'), /graph .*\{/),
    );
    await run(console, 'export no/such/folder.csv');
    await console.shows(/not written: .*ENOENT/);
  });

  it('a pipe that nobody reads holds neither the console nor its end', async () => {
    const console = await opened();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await run(console, 'export csv pipe');
    await console.shows(/writing pipe/);
    console.keys('7');
    await console.shows(/▸ Agents/);
    await console.shows(/not written: pipe: nobody reads this pipe \(10 s\)/, 15_000);
    await run(console, 'export csv pipe');
    console.keys('q');
    await until('its end', DEADLINE_MS, () => assert.equal(console.ask('#{pane_dead}'), '1'));
  });

  it('n shows addresses and ports in the place of names', async () => {
    const console = await opened();
    assert.match(tableOf(console.screen(), 'Connections').rows[0]?.SOURCE ?? '', /^shop\/cart-/);
    console.keys('n');
    await console.shows((screen) => tableOf(screen, 'Connections').rows[0]?.SOURCE === '10.244.2.7:40001');
    console.keys('n');
    await console.shows((screen) => /^shop\/cart-/.test(tableOf(screen, 'Connections').rows[0]?.SOURCE ?? ''));
  });
});
