import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { openConsole } from './harness/console.ts';

const snapshots = SNAPSHOTS.cluster();

test('n goes from names to addresses, to names with reverse DNS, and back', async (t) => {
  const switched: boolean[] = [];
  const resolve = { initial: false, set: (on: boolean) => void switched.push(on) };
  const console = await openConsole(t, { snapshots, options: { resolve } });
  await console.shows('shop/cart');
  console.press('n');
  assert.match(await console.shows(/^ addresses /m), /10\.244\./);
  assert.deepEqual(switched, []);
  console.press('n');
  assert.match(await console.shows(/^ reverse DNS /m), /shop\/cart/);
  assert.deepEqual(switched, [true]);
  console.press('n');
  assert.match(await console.hidden(/^ reverse DNS /m), /shop\/cart/);
  assert.deepEqual(switched, [true, false]);
});

test('with --resolve it starts with reverse DNS', async (t) => {
  const console = await openConsole(t, { snapshots, options: { resolve: { initial: true, set: () => {} } } });
  await console.shows(/^ reverse DNS /m);
});

test('where nothing can be looked up, as in a recording, n goes between names and addresses', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('n');
  await console.shows(/^ addresses /m);
  console.press('n');
  assert.doesNotMatch(await console.hidden(/^ addresses /m), /reverse DNS/);
});
