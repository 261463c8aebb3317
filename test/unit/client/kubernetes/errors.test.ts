import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describePermission, KubeError, singleLine } from '../../../../src/client/kubernetes/errors.ts';

describe('KubeError', () => {
  it('tells what a 403 lacks, in RBAC terms', () => {
    const body = { message: 'pods is forbidden: User "jane" cannot create resource "pods/portforward" …' };
    const right = { verb: 'create', resource: 'pods/portforward', namespace: 'kflow' };
    const error = KubeError.fromResponse(403, JSON.stringify(body), right);
    assert.equal(error.code, 'forbidden');
    assert.equal(
      error.message,
      'not allowed to create pods/portforward in namespace kflow: user "jane" needs a Role with verb create on pods/portforward',
    );
  });

  it('names the API group, and a ClusterRole for what is in no namespace', () => {
    const error = KubeError.fromResponse(403, '', { verb: 'patch', resource: 'daemonsets', group: 'apps' });
    assert.match(error.message, /patch daemonsets\.apps in all namespaces: you need a ClusterRole .* apiGroup apps/);
    assert.equal(describePermission({ verb: 'list', resource: 'nodes' }), 'list nodes in the cluster');
  });

  const codes = [
    [401, 'unauthorized'],
    [404, 'not-found'],
    [410, 'gone'],
    [429, 'busy'],
    [503, 'busy'],
    [400, 'other'],
  ] as const;
  for (const [status, code] of codes) {
    it(`takes ${status} for ${code}`, () => assert.equal(KubeError.fromResponse(status, 'why').code, code));
  }

  it("reads client-node's exceptions", () => {
    const exception = Object.assign(new Error('HTTP-Code: 404'), { code: 404, body: '{"message":"no such thing"}' });
    assert.deepEqual(
      [KubeError.from(exception).code, KubeError.from(exception).message],
      ['not-found', 'no such thing'],
    );
  });

  it('finds the reason below "fetch failed"', () => {
    const cause = Object.assign(new Error('x'), { code: 'ECONNREFUSED', address: '10.0.0.1', port: 6443 });
    const error = KubeError.from(new TypeError('fetch failed', { cause }));
    assert.deepEqual(
      [error.code, error.message],
      ['unreachable', 'the API server at 10.0.0.1:6443 refuses the connection'],
    );
  });

  it('takes undefined and text too', () => {
    for (const thrown of [undefined, null, 'why', new Error('')]) assert.ok(KubeError.from(thrown).message.length > 0);
  });

  it('keeps foreign text on one short line without control characters', () => {
    assert.equal(singleLine('a\n\u001b[31mb\u0007\t c'), 'a �[31mb� c');
    assert.equal(singleLine('x'.repeat(2000)).length, 500);
  });
});
