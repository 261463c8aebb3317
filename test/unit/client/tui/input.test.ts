import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { openConsole } from './harness/console.ts';

const snapshots = SNAPSHOTS.cluster();

test('what is pasted into a filter is its text: no line of it is Enter, no letter is a key', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('/');
  console.paste('shop/cart\nkeq\r\n');
  await console.shows(/^ \/shop\/cart keq█/m);
  console.press('backspace', 'backspace', 'backspace', 'backspace', 'enter');
  await console.shows('/shop/cart (Esc clears)');
});

test('what is pasted into a command stands where the cursor is, and is not run', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press(':', 'b', 'left');
  console.paste('view \t\x07agents\n');
  await console.shows(/^ :view {2}agentsb/m);
  assert.match(console.screen(), /▸ Connections/);
});

test('what is pasted elsewhere does nothing, and the footer says so until the next key', async (t) => {
  const console = await openConsole(t, { snapshots });
  for (const [given, pane] of [
    ['2', '▸ Connections'],
    ['?', '▸ Help'],
  ] as const) {
    console.press(given);
    await console.shows(pane);
    console.paste('/\nkeq6:q\n');
    await console.shows(/^ pasted text does not act as keys: press \/ or : first$/m);
    assert.match(console.screen(), new RegExp(pane));
    console.press('j');
    await console.hidden('pasted text');
  }
});

test('a paste that is cut in the middle of a sequence and of a character is the same paste', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('/');
  const bytes = Buffer.from('\x1b[200~né\x1b[201~x');
  for (let i = 0; i < bytes.length; i++) console.send(bytes.subarray(i, i + 1));
  await console.shows(/^ \/néx█/m);
});

test('more than a filter can be is cut, and the footer says so', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press(':');
  console.paste(`${'x'.repeat(4095)}👍`);
  await console.shows(/^ :x+█/m);
  console.press('C-w', ...'q', 'backspace', 'escape');
  await console.shows('only the first 4096 characters were pasted');
});

test('keys and events of the mouse in one read all count', async (t) => {
  const console = await openConsole(t, { snapshots });
  const { y } = console.find('▸ Connections');
  console.send(`\x1b[<0;11;${y + 4}M\x1b[<0;11;${y + 4}m6`);
  await console.shows('▸ Problems');
  console.send(`1\x1b[<65;11;${y + 4}Mz`);
  await console.hidden('─ Nodes');
});

test('an Esc and the next key in one read are two keys', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('z');
  await console.hidden('─ Nodes');
  console.send('\x1b6');
  await console.shows('▸ Problems');
  console.send('/');
  await console.shows(/^ \/█/m);
  console.send('\x1b5');
  await console.shows('▸ Graph');
});

test('an Esc alone acts though nothing follows', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('?');
  await console.shows('▸ Help');
  console.send('\x1b');
  await console.hidden('▸ Help');
});

test('answers of the terminal are no keys', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('/');
  console.send('a\x1b]11;rgb:ffff/ffff/ffff\x1b\\b\x1b[?62;22c\x1b[12;40Rc\x1bP>|xterm(390)\x1b\\d');
  await console.shows(/^ \/abcd█/m);
});

test('LF, the keypad, and each form of Home and End are the keys that they are', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.send('\x1bOr');
  await console.hidden('─ Nodes');
  console.send(':view 7\n');
  await console.shows('▸ Agents');
  console.send(':vieww 6\x1b[1~\x1bOC\x1b[C\x1b[C\x1b[C\x1b[3~\x1bOM');
  await console.shows('▸ Problems');
});

test('digits switch the view at once, and what follows is of the new view', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.send('6j');
  await console.shows('▸ Problems');
  await console.shows((screen) => !/^ by rate/m.test(screen));
  const { y } = console.find('▸ Problems');
  await console.shows(() => console.lookAt(5, y + 3).bg === 24);
  console.send('12');
  await console.shows((screen) => screen.includes('▸ Connections') && !screen.includes('─ Nodes'));
});

test('gt and gT go round the views, and the first key of a sequence is shown', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('g');
  await console.shows(/^ by rate ▼ {2}g/m);
  console.press('T');
  await console.shows('▸ Agents');
  console.press('g t');
  await console.shows('─ Nodes');
  console.press('g');
  await console.shows(/ {2}g/m);
  console.press('escape');
  await console.shows((screen) => !/by rate ▼ {2}g/.test(screen));
});

test('a key that nothing is bound to says so, once', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.send('\x1b[20~');
  await console.shows(/^ F9 is not bound to anything · \? lists the keys$/m);
  console.press('j');
  await console.hidden('not bound');
  console.send('\x1b[20~');
  console.press('g', 'x');
  await console.shows(/^ gx is not bound to anything/m);
  console.press('0');
  await console.shows(/^ 0 is not bound to anything/m);
});

test('the terminal marks what is pasted while the console has it, and not while it is stopped', async (t) => {
  const console = await openConsole(t, { snapshots });
  assert.deepEqual(console.modes, { paste: true, mouse: 'vt200', alternate: true, raw: true });
  console.press('C-z');
  await console.shows(() => !console.modes.alternate);
  assert.deepEqual(console.modes, { paste: false, mouse: 'none', alternate: false, raw: false });
  await console.shows(() => console.modes.alternate && console.modes.paste);
  assert.deepEqual(console.modes, { paste: true, mouse: 'vt200', alternate: true, raw: true });
  console.press('6');
  await console.shows('▸ Problems');
});
