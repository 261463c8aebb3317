import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEVER, Subject } from 'rxjs';
import type { Endpoint } from '../../../../src/client/model/connection.ts';
import { combineResolvers, type NameProvider } from '../../../../src/client/names/combine-resolvers.ts';

function source(endpoints: Record<string, Omit<Endpoint, 'address'>>, rest: Partial<NameProvider> = {}): NameProvider {
  const known = new Map(Object.entries(endpoints).map(([address, endpoint]) => [address, { address, ...endpoint }]));
  return { endpoint: (address) => known.get(address), service: () => undefined, changed$: NEVER, notices: [], ...rest };
}

test('the first source that has an answer gives it', () => {
  const names = combineResolvers([
    source({ '10.0.0.1': { kind: 'pod', name: 'a' } }),
    source({ '10.0.0.1': { kind: 'external', name: 'b' }, '10.0.0.2': { kind: 'external', name: 'c' } }),
    source({}, { service: (_, port) => (port === 80 ? { namespace: 'n', name: 's' } : undefined) }),
  ]);
  assert.equal(names.endpoint('10.0.0.1', 0)?.name, 'a');
  assert.equal(names.endpoint('10.0.0.2', 0)?.name, 'c');
  assert.deepEqual(names.service('10.0.0.9', 80, 6), { namespace: 'n', name: 's' });
  assert.equal(names.service('10.0.0.9', 81, 6), undefined);
});

test('the same answer is the same object; an unknown address too', () => {
  const names = combineResolvers([source({ '10.0.0.1': { kind: 'pod', name: 'a\x1b[31m' } })]);
  assert.equal(names.endpoint('10.0.0.1', 0), names.endpoint('10.0.0.1', 5));
  assert.equal(names.endpoint('10.0.0.9', 0), names.endpoint('10.0.0.9', 5));
});

test('an unknown address is outside only where some source knows what is inside', () => {
  assert.deepEqual(combineResolvers([source({})]).endpoint('10.0.0.9', 0), { address: '10.0.0.9' });
  let knows = false;
  const names = combineResolvers([
    source({}),
    {
      ...source({}),
      get unknownIsExternal() {
        return knows;
      },
    },
  ]);
  assert.deepEqual(names.endpoint('10.0.0.9', 0), { address: '10.0.0.9' });
  knows = true;
  assert.deepEqual(names.endpoint('10.0.0.9', 0), { address: '10.0.0.9', kind: 'external' });
});

test('a change of any source is a change', () => {
  const changes = [new Subject<void>(), new Subject<void>()];
  let heard = 0;
  combineResolvers(changes.map((changed$) => source({}, { changed$ }))).changed$.subscribe(() => heard++);
  for (const change of changes) change.next();
  assert.equal(heard, 2);
});

test('of addresses that nobody names, those in use stay the same while memory stays bounded', () => {
  const names = combineResolvers([source({})]);
  const kept = names.endpoint('192.0.2.1', 0);
  for (let i = 0; i < 200_000; i++) {
    names.endpoint(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 0);
    if (i % 1000 === 0) assert.equal(names.endpoint('192.0.2.1', 0), kept);
  }
});
