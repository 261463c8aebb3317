import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { makeFolder } from '../lab/folder.ts';
import { Stage, stageUnavailable } from './stage.ts';
import type { Tmux } from './tmux.ts';

/** The frame of the selected box, and its name. */
const SELECTED = /┏━*( [^ ]+ |[^━ ]+)━*┓/;

describe('the graph in a terminal', { skip: stageUnavailable() ?? false }, () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  afterEach(() => stage.clear());
  after(() => stage.close());

  /** The graph alone, frozen once its lines carry something. */
  async function graph(width = 160, height = 50): Promise<Tmux> {
    const terminal = await stage.console({ width, height });
    terminal.keys('5');
    await terminal.shows(/┌─ ▸ Graph by node/);
    await terminal.shows(/[\u2801-\u28ff]{3}/);
    terminal.keys('Space');
    await terminal.shows(/FROZEN/);
    return terminal;
  }

  function selected(screen: string): string | undefined {
    return SELECTED.exec(screen)?.[1]?.trim();
  }

  function columnOf(terminal: Tmux): number {
    return Math.max(...terminal.lines().map((line) => line.search(SELECTED)));
  }

  async function another(terminal: Tmux, before: string | undefined): Promise<string> {
    const screen = await terminal.shows((text) => selected(text) !== undefined && selected(text) !== before);
    return selected(screen) ?? '';
  }

  it('h j k l walk from box to box, Esc lets go, h at the border is the help', async () => {
    const terminal = await graph();
    terminal.keys('j');
    await another(terminal, undefined);
    // The heaviest box, which the first key selects, may be the first or the last one.
    terminal.keys('g', 'g');
    terminal.keys('G');
    const last = await another(terminal, undefined);
    terminal.keys('g', 'g');
    const corner = await another(terminal, last);
    terminal.keys('l');
    const right = await another(terminal, corner);
    const there = columnOf(terminal);
    terminal.keys('h');
    await another(terminal, right);
    // The nearest box to the left need not be the one that it came from.
    assert.ok(columnOf(terminal) < there);
    terminal.keys('Escape');
    await terminal.hidden(SELECTED);
    terminal.keys('h');
    await terminal.shows('kflow: keys');
  });

  it('. goes along the lines of a box, and Enter into a line, a box and back', async () => {
    const terminal = await graph();
    terminal.keys('j');
    const box = await another(terminal, undefined);
    await terminal.shows(`─ ${box}`);
    terminal.keys('.');
    const line = await terminal.shows(/┌─ Line (.+) ↔ (.+?) ─/);
    assert.match(line, new RegExp(`┌─ Line ${box.replaceAll('.', '\\.')} ↔`));
    terminal.keys('Enter');
    await terminal.shows(/only .* ↔ .* \(c: all\)/);
    terminal.keys('Escape');
    await terminal.shows(/┌─ ▸ Graph by node/);
    terminal.keys('Escape');
    await terminal.shows(SELECTED);
    terminal.keys('Enter');
    await terminal.shows(`only ${box} (c: all)`);
  });

  it('a click selects a box', async () => {
    const terminal = await graph();
    const lines = terminal.lines();
    const y = lines.findIndex((text) => text.includes(' node2 ─'));
    terminal.click((lines[y] ?? '').indexOf('node2'), y + 1);
    await terminal.shows(/┏━+ node2 ━+┓/);
  });

  it('keeps boxes where they are while numbers change', async () => {
    const terminal = await stage.console();
    terminal.keys('5');
    await terminal.shows(/→ [\d.]+ [kM]B\/s/);
    terminal.keys('j');
    // At the beginning boxes and lines come one after the other, and all is placed again.
    await terminal.shows(/rate .* ([6-9]|\d\d)s, most/);
    const boxes = (screen: string) => {
      const found = screen
        .split('\n')
        .flatMap((text, y) =>
          [...text.matchAll(/[┌╭┏][─╌━]* ([^ ]+)( \(\d+\))? [─╌━]*[┐╮┓]/g)].map((box) => `${box[1]} ${y} ${box.index}`),
        );
      return found.sort();
    };
    const names = (places: readonly string[]) => places.map((place) => place.split(' ')[0]).join(' ');
    const rates = (screen: string) => screen.match(/[\d.]+ [kM]?B\/s/g)?.join(' ');
    let before = terminal.screen();
    for (let compared = 0; compared < 3; ) {
      const next = await terminal.shows((screen) => rates(screen) !== rates(before));
      const [then, now] = [boxes(before), boxes(next)];
      before = next;
      if (names(then) !== names(now)) continue;
      assert.deepEqual(now, then);
      compared++;
    }
  });

  for (const [width, height] of [
    [80, 24],
    [40, 10],
  ] as const)
    it(`fits ${width}×${height}`, async () => {
      const terminal = await graph();
      terminal.resize(width, height);
      const screen = await terminal.shows(/┌─ ▸ Graph by node/);
      for (const line of screen.split('\n')) assert.ok(line.length <= width, line);
      terminal.keys('j');
      await terminal.shows(width === 80 ? SELECTED : /▐.+▌/);
    });

  it(':export dot writes what Graphviz reads', async (context) => {
    if (spawnSync('dot', ['-V']).error !== undefined) {
      context.skip('needs Graphviz: apt-get install graphviz');
      return;
    }
    const terminal = await graph();
    const file = join(makeFolder(), 'graph.dot');
    terminal.type(`:export dot ${file}`);
    terminal.keys('Enter');
    await terminal.shows('graph.dot');
    await terminal.shows(/written/);
    const { status, stdout, stderr } = spawnSync('dot', ['-Tplain', file], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    for (const node of ['node1', 'node2', 'node3']) assert.match(stdout, new RegExp(`^node ${node} `, 'm'));
  });
});
