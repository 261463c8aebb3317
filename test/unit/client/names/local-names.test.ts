import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combineResolvers } from '../../../../src/client/names/combine-resolvers.ts';
import { localNames } from '../../../../src/client/names/local-names.ts';

test('this machine’s addresses are its node, others are outside', () => {
  const names = combineResolvers([
    localNames({ hostName: 'host', addresses: () => ['192.0.2.7', 'fe80:0:0:0::1%eth0', 'FD00::0001'] }),
  ]);
  for (const address of ['192.0.2.7', 'fe80::1', 'fd00::1', '127.0.0.1', '127.8.8.8', '::1'])
    assert.deepEqual(names.endpoint(address, 0), { address, kind: 'node', name: 'host' });
  assert.deepEqual(names.endpoint('192.0.2.8', 0), { address: '192.0.2.8', kind: 'external' });
  assert.equal(names.endpoint('127.8.8.8', 0), names.endpoint('127.8.8.8', 1));
});

test('an interface that comes is noticed; nothing is reported when nothing changed', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'] });
  let addresses = ['192.0.2.7'];
  const names = localNames({ hostName: 'host', addresses: () => addresses, recheckMs: 100 });
  const before = names.endpoint('192.0.2.7', 0);
  let heard = 0;
  const subscription = names.changed$.subscribe(() => heard++);
  t.mock.timers.tick(150);
  assert.equal(heard, 0);
  addresses = ['192.0.2.7', '192.0.2.8'];
  t.mock.timers.tick(100);
  assert.equal(heard, 1);
  assert.equal(names.endpoint('192.0.2.8', 0)?.kind, 'node');
  assert.equal(names.endpoint('192.0.2.7', 0), before);
  subscription.unsubscribe();
});
