import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Subject } from 'rxjs';
import { combineResolvers, type NameProvider } from '../../../../src/client/names/combine-resolvers.ts';
import { ReverseDns, withReverseDns } from '../../../../src/client/names/reverse-dns.ts';

const POD = { address: '10.244.1.3', kind: 'pod', namespace: 'shop', name: 'web-0' } as const;
const OWNERS = { nodes: ['node1'], isPod: true };
const SERVICE = { namespace: 'shop', name: 'web' };

/** A source in which every member says something of its own: a member that a wrapper forgets to pass on is missed. */
function sentinel(changed$: Subject<void>): Required<NameProvider> {
  return {
    endpoint: () => POD,
    service: () => SERVICE,
    owners: () => OWNERS,
    changed$,
    pending: true,
    servicesWithoutEndpoints: ['shop/idle'],
    localGaps: [{ service: 'shop/near', nodes: ['node2'] }],
    notices: ['a notice'],
    unknownIsExternal: true,
  };
}

const WRAPPERS: Readonly<Record<string, (source: NameProvider) => NameProvider>> = {
  composeNames: (source) => combineResolvers([source]),
  withReverseDns: (source) => withReverseDns(source, new ReverseDns()),
  'all of them, as for a cluster': (source) =>
    combineResolvers([combineResolvers([withReverseDns(source, new ReverseDns())])]),
};

for (const [name, wrap] of Object.entries(WRAPPERS))
  test(`${name} passes every member on`, () => {
    const source$ = new Subject<void>();
    const wrapped = wrap(sentinel(source$));
    let changes = 0;
    const subscription = wrapped.changed$.subscribe(() => changes++);
    source$.next();
    subscription.unsubscribe();
    const { pending, localGaps, notices } = wrapped;
    assert.deepEqual(
      {
        endpoint: wrapped.endpoint('10.244.1.3', 0),
        service: wrapped.service('10.96.0.9', 80, 6),
        owners: wrapped.owners?.('10.244.1.3'),
        changes,
        pending,
        servicesWithoutEndpoints: wrapped.servicesWithoutEndpoints,
        localGaps,
        notices,
        unknownIsExternal: wrapped.unknownIsExternal,
      },
      {
        endpoint: POD,
        service: SERVICE,
        owners: OWNERS,
        changes: 1,
        pending: true,
        servicesWithoutEndpoints: ['shop/idle'],
        localGaps: [{ service: 'shop/near', nodes: ['node2'] }],
        notices: ['a notice'],
        unknownIsExternal: true,
      },
    );
  });
