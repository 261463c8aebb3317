import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { until } from '../lab/until.ts';
import { orderOf, type ShownTable, tableOf } from './screen.ts';
import { Stage, stageUnavailable } from './stage.ts';
import { DEADLINE_MS, type Tmux } from './tmux.ts';

describe('the keys of the console', { skip: stageUnavailable() ?? false }, () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  afterEach(() => stage.clear());
  after(() => stage.close());

  /** The connections, frozen, so that nothing but keys changes the screen: 2 is the view of them alone. */
  async function frozen(...keys: string[]): Promise<Tmux> {
    const terminal = await stage.console();
    terminal.keys('2');
    await terminal.hidden('┌─ Nodes');
    // Several pages of them.
    await terminal.shows((screen) => Number(/([\d,]+) connections/.exec(screen)?.[1]?.replaceAll(',', '')) > 150);
    terminal.keys(...keys, 'Space');
    await terminal.shows(/FROZEN/);
    return terminal;
  }

  function connections(terminal: Tmux): ShownTable {
    return tableOf(terminal.screen(), 'Connections');
  }

  /** The row that is marked by its background, counted on the screen from 0. */
  function selectedRow(terminal: Tmux, headingLine: number): number {
    const lines = terminal
      .colours()
      .split('\n')
      .slice(headingLine + 1);
    return lines.findIndex((line) => line.includes('48;5;24m'));
  }

  async function selects(terminal: Tmux, row: number): Promise<void> {
    const { headingLine } = connections(terminal);
    await until(`row ${row} is selected`, DEADLINE_MS, () => assert.equal(selectedRow(terminal, headingLine), row));
  }

  function places(terminal: Tmux): [number, number] {
    const [, first = '1', last = '0'] = /· ([\d,]+)–([\d,]+)/.exec(connections(terminal).title) ?? [];
    return [Number(first.replaceAll(',', '')), Number(last.replaceAll(',', ''))];
  }

  async function showsPlaces(
    terminal: Tmux,
    fits: (first: number, last: number) => boolean,
  ): Promise<[number, number]> {
    return until('the rows that are shown', DEADLINE_MS, () => {
      const [first, last] = places(terminal);
      assert(fits(first, last), `rows ${first} to ${last}`);
      return [first, last];
    });
  }

  function count(terminal: Tmux): number {
    return Number(/Connections ([\d,]+)/.exec(connections(terminal).title)?.[1]?.replaceAll(',', ''));
  }

  it('j k and the arrows move by a row; :+12 and :-5 by so many', async () => {
    const terminal = await frozen();
    await selects(terminal, 0);
    terminal.keys('j');
    await selects(terminal, 1);
    terminal.keys('Down');
    await selects(terminal, 2);
    terminal.keys('k');
    await selects(terminal, 1);
    terminal.keys('Up');
    await selects(terminal, 0);
    terminal.keys(':', '+', '1', '2', 'Enter');
    await selects(terminal, 12);
    terminal.keys(':', '-', '5', 'Enter');
    await selects(terminal, 7);
    terminal.keys(':', '-', '9', '9', 'Enter');
    await selects(terminal, 0);
  });

  it('gg G Home End, Ctrl-d Ctrl-u, Ctrl-f Ctrl-b, PgDn PgUp move far', async () => {
    const terminal = await frozen();
    const all = count(terminal);
    const [, page] = places(terminal);
    terminal.keys('G');
    await showsPlaces(terminal, (_, last) => last === all);
    await selects(terminal, page - 1);
    terminal.keys('g', 'g');
    await showsPlaces(terminal, (first) => first === 1);
    await selects(terminal, 0);
    terminal.keys('End');
    await showsPlaces(terminal, (_, last) => last === all);
    terminal.keys('Home');
    await showsPlaces(terminal, (first) => first === 1);
    terminal.keys('C-d');
    await selects(terminal, Math.floor(page / 2));
    terminal.keys('C-u');
    await selects(terminal, 0);
    terminal.keys('C-f');
    await showsPlaces(terminal, (first) => first === 2);
    terminal.keys('PageDown');
    await showsPlaces(terminal, (first) => first === page + 2);
    terminal.keys('C-b', 'PageUp');
    await showsPlaces(terminal, (first) => first === 1);
    terminal.keys(':', '7', 'Enter');
    await selects(terminal, 6);
    terminal.keys(':', '9', 'Enter');
    await selects(terminal, 8);
  });

  it('h l, the arrows, Tab and Shift-Tab go from pane to pane; h with nothing to the left is the help', async () => {
    const terminal = await stage.console();
    const inFocus = (name: string) => terminal.shows(new RegExp(`┌─ ▸ ${name}`));
    await inFocus('Connections');
    terminal.keys('Tab');
    await inFocus('(Details|Node|Connection)\\b');
    terminal.keys('Tab');
    await inFocus('Nodes');
    terminal.keys('l');
    await inFocus('Graph');
    terminal.keys('h');
    await inFocus('Nodes');
    terminal.keys('Right');
    await inFocus('Graph');
    terminal.keys('Left');
    await inFocus('Nodes');
    terminal.keys('BTab');
    await inFocus('(Details|Node|Connection)\\b');
    terminal.keys('BTab');
    await inFocus('Connections');
    terminal.keys('h');
    await terminal.shows(/┌─ ▸ Help/);
    terminal.keys('Escape');
    await inFocus('Connections');
    terminal.keys('Left');
    await terminal.shows(/┌─ ▸ Help/);
  });

  it('< > sort by the column to the left and right, r reverses, t sorts by state', async () => {
    const terminal = await frozen();
    const order = () => orderOf(connections(terminal));
    const isOrder = (...headings: string[]) =>
      until(`the order is ${headings}`, DEADLINE_MS, () => assert.deepEqual(order(), headings));
    await isOrder('▼RATE OUT', '▼RATE IN');
    terminal.keys('>');
    await isOrder('▼TOTAL');
    terminal.keys('<');
    await isOrder('▼RATE IN');
    terminal.keys('<');
    await isOrder('▼RATE OUT');
    terminal.keys('<');
    await isOrder('STATE▲');
    terminal.keys('r');
    await isOrder('STATE▼');
    terminal.keys('<');
    await isOrder('PORT▲');
    terminal.keys('t');
    await isOrder('STATE▲');
    const states = connections(terminal).rows.map((row) => row.STATE ?? '');
    assert.deepEqual(states, states.toSorted());
  });

  it('every column can be sorted by, and a click on a heading does it too', async () => {
    const terminal = await frozen('w', 'w');
    const { headings, starts, headingLine } = connections(terminal);
    const plain = headings.map((heading) => heading.replace(/[▲▼]/, ''));
    assert.deepEqual(plain, [
      ...['SOURCE', 'DESTINATION', 'VIA', 'PROTO', 'PORT', 'STATE', 'RATE OUT', 'RATE IN', 'TOTAL', 'AGE', 'NODES'],
    ]);
    for (const [i, heading] of plain.entries()) {
      terminal.click((starts[i] ?? 0) + 1, headingLine);
      const first = await until(`sorted by ${heading}`, DEADLINE_MS, () => {
        const order = orderOf(connections(terminal));
        assert.equal(order.length, 1);
        assert.equal(order[0]?.replace(/[▲▼]/, ''), heading);
        return order[0];
      });
      terminal.click((starts[i] ?? 0) + 1, headingLine);
      await until(`${heading} the other way round`, DEADLINE_MS, () =>
        assert.notEqual(orderOf(connections(terminal))[0], first),
      );
    }
  });

  it('/ and p filter as you type, Esc clears', async () => {
    const terminal = await stage.console();
    for (const key of ['/', 'p']) {
      terminal.keys('2', key);
      terminal.type('port:5432');
      await terminal.shows(/\/port:5432/);
      await until('only those are shown', DEADLINE_MS, () => {
        const { rows } = connections(terminal);
        assert(rows.length > 0 && rows.every((row) => row.PORT === '5432 psql'), JSON.stringify(rows));
      });
      terminal.keys('Enter');
      await terminal.shows(/\/port:5432 \(Esc clears\)/);
      terminal.keys('Escape');
      await terminal.shows((screen) => tableOf(screen, 'Connections').rows.some((row) => row.PORT !== '5432 psql'));
      await terminal.hidden('/port:5432');
    }
    terminal.keys('/');
    terminal.type('!10.96.0.10 state:syn_sent');
    await terminal.shows((screen) => tableOf(screen, 'Connections').rows.every((row) => row.STATE === 'SYN_SENT'));
    terminal.keys('Escape');
    await terminal.shows((screen) => tableOf(screen, 'Connections').rows.some((row) => row.STATE === 'ESTABLISHED'));
  });

  it('a filter that is wrong points at the word', async () => {
    const terminal = await stage.console();
    terminal.keys('/');
    terminal.type('web port:abc');
    const screen = await terminal.shows(/is not a port/);
    const lines = screen.split('\n');
    const line = lines.findIndex((one) => one.startsWith(' /web port:abc'));
    assert.equal(lines[line]?.indexOf('abc'), lines[line - 1]?.indexOf('▼▼▼'));
    terminal.keys('Enter');
    await terminal.shows(/is not a port/);
    terminal.keys('Escape');
    await terminal.hidden('is not a port');
  });

  it('f cycles states, v the families, n names and addresses', async () => {
    const terminal = await stage.console();
    terminal.keys('2');
    const rowsAre = (what: string, fits: (row: Readonly<Record<string, string>>) => boolean) =>
      terminal.shows((screen) => {
        if (screen.includes('┌─ Nodes') || !screen.includes(what)) return false;
        const { rows } = tableOf(screen, 'Connections');
        return rows.length > 0 && rows.every(fits);
      });
    terminal.keys('f');
    await rowsAre(' unanswered', (row) => ['SYN_SENT', 'UNREPLIED'].includes(row.STATE ?? ''));
    terminal.keys('f');
    await rowsAre(' established', (row) => row.STATE === 'ESTABLISHED');
    terminal.keys('f');
    await terminal.shows(' opening');
    terminal.keys('f');
    await rowsAre(' closing', (row) => /WAIT|CLOSE/.test(row.STATE ?? ''));
    terminal.keys('f');
    await terminal.hidden(' closing');
    terminal.keys('v');
    await rowsAre('IPv4', (row) => /^\d+\./.test(row.SOURCE ?? ''));
    terminal.keys('v');
    await rowsAre('IPv6', (row) => /^\[?[\da-f]+:/.test(row.SOURCE ?? ''));
    terminal.keys('v');
    await terminal.hidden('IPv6');
    terminal.keys('n');
    await rowsAre('addresses', (row) => /:\d+$/.test(row.SOURCE ?? ''));
    terminal.keys('n');
    await terminal.hidden('addresses');
  });

  it('Enter goes into a node, a box, an edge and a row; Esc comes back; c drops the drill-down', async () => {
    const terminal = await stage.console();
    const inFocus = (name: string) => terminal.shows(new RegExp(`┌─ ▸ ${name}`));
    terminal.keys('Tab', 'Tab');
    await inFocus('Nodes');
    terminal.keys('j', 'Enter');
    await terminal.shows(/only node\d \(c: all\)/);
    await inFocus('Connections');
    terminal.keys('Escape');
    await terminal.hidden(/only node/);
    await inFocus('Nodes');
    terminal.keys('Enter');
    await terminal.shows(/only node\d \(c: all\)/);
    terminal.keys('c');
    await terminal.hidden(/only node/);
    terminal.keys('5');
    await inFocus('Graph');
    terminal.keys('j', 'Enter');
    await terminal.shows(/only .* \(c: all\)/);
    terminal.keys('Escape');
    await inFocus('Graph');
    terminal.keys('2', 'Enter');
    await inFocus('(Details|Node|Connection)\\b');
    terminal.keys('Escape');
    await terminal.hidden(/only .* \(c: all\)/);
    terminal.keys('3');
    await inFocus('Workloads');
    terminal.keys('Enter');
    await inFocus('Connections');
    await terminal.shows(/only .* \(c: all\)/);
    terminal.keys('Escape');
    await terminal.hidden(/only .* \(c: all\)/);
    terminal.keys('4');
    await inFocus('Services and ports');
    terminal.keys('Enter');
    await terminal.shows(/only .* \(c: all\)/);
    terminal.keys('Escape');
    await terminal.hidden(/only .* \(c: all\)/);
    terminal.keys('6');
    await terminal.shows((screen) => tableOf(screen, 'Problems').rows[0]?.PROBLEM === 'TCP SYN unanswered');
    terminal.keys('Enter');
    await terminal.shows((screen) => {
      const shown = /only .* \(c: all\)/.test(screen) ? tableOf(screen, 'Connections').rows : [];
      return shown.length > 0 && shown.every((row) => row.STATE === 'SYN_SENT');
    });
    terminal.keys('Escape');
    await terminal.hidden(/only .* \(c: all\)/);
    terminal.keys('7');
    await inFocus('Agents');
    terminal.keys('Enter');
    await terminal.shows(/only node\d \(c: all\)/);
  });

  it('Space freezes the screen, and continues', async () => {
    const terminal = await frozen();
    const rows = () => terminal.lines().slice(2, 40).join('\n');
    const before = rows();
    const ages = (screen: string) => /([\d.]+) s ago/.exec(screen)?.[1];
    await terminal.shows((screen) => ages(screen) !== ages(before));
    assert.equal(rows(), before, 'the rows stay as they are while data continues');
    terminal.keys('Space');
    await terminal.hidden('FROZEN');
    await terminal.shows(() => rows() !== before);
  });

  it('o groups the graph and the workloads, w adds columns, z zooms', async () => {
    const terminal = await stage.console();
    terminal.keys('o');
    await terminal.shows('Graph by namespace');
    terminal.keys('o');
    await terminal.shows('Graph by workload');
    terminal.keys('o');
    await terminal.shows('Graph by node');
    terminal.keys('3');
    await terminal.shows(/Workloads \d+ · by workload/);
    terminal.keys('o');
    await terminal.shows(/NAMESPACE/);
    terminal.keys('o');
    await terminal.shows(/Workloads \d+ · by pod/);
    terminal.keys('7', 'w');
    await terminal.shows(/TIMES/);
    terminal.keys('w');
    await terminal.hidden('TIMES');
    terminal.keys('1');
    await terminal.shows('┌─ Nodes');
    terminal.keys('z');
    await terminal.hidden('┌─ Nodes');

    assert(connections(terminal).rows.length > 40);
    terminal.keys('z');
    await terminal.shows('┌─ Nodes');
  });

  it('y copies the row by OSC 52', async () => {
    const terminal = await frozen('j');
    const [row] = [connections(terminal).rows[1]];
    terminal.keys('y');
    await terminal.shows(/copied/);
    const copied = terminal.clipboard().split('\t');
    assert.equal(copied[0], row?.SOURCE);
    assert(copied.includes('tcp') || copied.includes('udp'));
  });

  it('? and F1 show the keys; q, Esc and ? close the help, and no other key', async () => {
    const terminal = await stage.console({ width: 100, height: 150 });
    terminal.keys('?');
    // All of them: `test/unit/client/tui/help.test.ts`.
    const lines = [/┌─ ▸ Help/, /j ↓ +row down/, /gg Home +first row/, /7 +agents/];
    await terminal.shows((screen) => lines.every((line) => line.test(screen)));
    terminal.keys('x', '6', 'e', 'q');
    await terminal.hidden('▸ Help');
    await terminal.shows('▸ Connections');
    for (const close of ['?', 'Escape']) {
      terminal.keys('F1');
      await terminal.shows(/┌─ ▸ Help/);
      terminal.keys(close);
      await terminal.hidden('▸ Help');
    }
    assert.equal(terminal.ask('#{pane_dead}'), '0');
  });

  it('the selection follows its row when the order changes', async () => {
    const terminal = await stage.console();
    terminal.keys('2', '/');
    terminal.type('5432');
    terminal.keys('Enter', 'j');
    const table = await terminal.shows((screen) => !screen.includes('┌─ Nodes') && screen.includes('5432 psql'));
    const { headingLine, rows } = tableOf(table, 'Connections');
    await selects(terminal, 1);
    const source = rows[1]?.SOURCE;
    for (const key of ['<', 'r', '<', '<', '>', 'r']) {
      terminal.keys(key);
      await until('the same row is selected', DEADLINE_MS, () => {
        const now = connections(terminal);
        assert.equal(now.rows[selectedRow(terminal, headingLine)]?.SOURCE, source);
      });
    }
  });

  it('the wheel moves, and a click selects a row', async () => {
    const terminal = await frozen();
    const { headingLine } = connections(terminal);
    terminal.click(10, headingLine + 5);
    await selects(terminal, 4);
    terminal.type('\x1b[<65;11;10M');
    await selects(terminal, 7);
    terminal.type('\x1b[<64;11;10M');
    await selects(terminal, 4);
  });
});
