import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fixedConsole } from './fixed/terminal.ts';
import { type Tmux, tmuxUnavailable } from './tmux.ts';

describe('what a terminal sends', { skip: tmuxUnavailable() ?? false }, () => {
  let folder: string;
  let terminal: Tmux | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kflow-input-'));
  });
  afterEach(() => terminal?.close());
  after(() => rmSync(folder, { recursive: true }));

  async function opened(height = 50): Promise<Tmux> {
    terminal = fixedConsole('cluster', { folder, height });
    await terminal.shows('ESTABLISHED');
    return terminal;
  }

  it('two lines pasted into a filter are its text, and none of them runs', async () => {
    const console = await opened();
    console.keys('/');
    await console.shows(/^ \/█/m);
    console.paste('shop/cart\nkeq\n');
    await console.shows(/^ \/shop\/cart keq█/m);
    assert.deepEqual(readdirSync(folder), []);
    console.keys('Escape');
    await console.hidden('keq');
  });

  it('what is pasted elsewhere is no keys', async () => {
    const console = await opened();
    console.paste('/\nkeq:q\n6');
    await console.shows(/^ pasted text does not act as keys/m);
    console.keys('j');
    await console.hidden('pasted');
    assert.match(console.screen(), /▸ Connections/);
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(console.ask('#{pane_dead}'), '0');
  });

  it('6 and then j is view 6 and its next row; gt and gT go to the views beside it', async () => {
    const console = await opened();
    console.type('6j');
    await console.shows('▸ Problems');
    console.type('gt');
    await console.shows('▸ Agents');
    console.type('gTgT');
    await console.shows('▸ Graph');
  });

  it('the help scrolls, and q, Esc and ? close it', async () => {
    const console = await opened(20);
    for (const close of ['q', 'Escape', '?']) {
      console.keys('?');
      await console.shows('│kflow: keys');
      console.keys('C-d');
      await console.hidden('│kflow: keys');
      console.keys('e', '6', 'g', 'g');
      await console.shows('│kflow: keys');
      console.keys(close);
      await console.shows('▸ Connections');
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  it('Esc closes one thing at a time, and comes through alone and before another key', async () => {
    const console = await opened();
    console.keys('z', '/');
    console.type('cart');
    console.keys('Enter');
    await console.shows('/cart (Esc clears)');
    console.keys('Escape');
    await console.shows((screen) => /Esc ends zoom/.test(screen) && !/\/cart ·/.test(screen));
    console.type('\x1b7');
    await console.shows('▸ Agents');
    assert.doesNotMatch(console.screen(), /Esc ends zoom/);
  });

  it('answers of the terminal are no keys', async () => {
    const console = await opened();
    console.keys(':');
    console.type('a\x1b]11;rgb:ffff/ffff/ffff\x1b\\b\x1b[?62;22c');
    await console.shows(/^ :ab█/m);
  });
});
