import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Subscription } from 'rxjs';
import { createInformer, type InformerEvent } from '../../../../src/client/kubernetes/informer.ts';
import { event, FakeApi, Inbox, list, sendJson, sendStatus } from './fake-api.ts';

const object = (name: string, resourceVersion = '1') => ({ metadata: { name, resourceVersion } });
const nameOf = (value: unknown) => (value as ReturnType<typeof object>).metadata.name;

describe('follow', () => {
  let api: FakeApi;
  let changes: Inbox<InformerEvent<string>>;
  let subscription: Subscription | undefined;

  beforeEach(async () => {
    api = new FakeApi();
    changes = new Inbox();
    await api.start();
  });
  afterEach(async () => {
    subscription?.unsubscribe();
    await api.remove();
  });

  const start = (pollMs?: number) => {
    const collection = { group: '/api/v1', resource: 'pods', selector: 'app=x', project: nameOf };
    subscription = createInformer(api.kube(), { ...collection, ...(pollMs === undefined ? {} : { pollMs }) }).subscribe(
      (change) => changes.push(change),
    );
  };
  const watchOf = () =>
    new Promise<ServerResponse>((resolve) => {
      api.handle = (_request, response, url) => {
        if (url.searchParams.has('watch')) resolve(response);
        else sendJson(response, list('7', [object('a')]));
      };
    });

  it('lists page by page, then watches from the version of the list', async () => {
    const watched = new Promise<URL>((resolve) => {
      api.handle = (_request, response, url) => {
        if (url.searchParams.has('watch')) resolve(url);
        else if (url.searchParams.get('continue') === 'more') sendJson(response, list('9', [object('b')]));
        else sendJson(response, list('9', [object('a')], 'more'));
      };
    });
    start();
    assert.deepEqual(await changes.next(), { kind: 'synced', items: ['a', 'b'] });
    const url = await watched;
    assert.equal(url.searchParams.get('resourceVersion'), '9');
    assert.equal(url.searchParams.get('labelSelector'), 'app=x');
    assert.equal(url.searchParams.get('allowWatchBookmarks'), 'true');
  });

  it('tells what a watch tells, however its lines are cut', async () => {
    const watch = watchOf();
    start();
    const response = await watch;
    const text = event('ADDED', object('é')) + event('DELETED', object('a'));
    const bytes = Buffer.from(text);
    const cut = bytes.indexOf(0xc3) + 1;
    response.write(bytes.subarray(0, cut));
    setImmediate(() => response.write(bytes.subarray(cut)));
    assert.equal((await changes.next()).kind, 'synced');
    assert.deepEqual(await changes.next(), { kind: 'upsert', item: 'é' });
    assert.deepEqual(await changes.next(), { kind: 'delete', item: 'a' });
  });

  it('takes up an ended watch where it was, by a bookmark too', async () => {
    const watch = watchOf();
    start();
    const response = await watch;
    const again = new Promise<URL>((resolve) => {
      api.handle = (_request, _response, url) => resolve(url);
    });
    response.end(event('BOOKMARK', object('', '42')));
    assert.equal((await again).searchParams.get('resourceVersion'), '42');
  });

  it('lists again when the version is gone', async () => {
    const watch = watchOf();
    start();
    const response = await watch;
    await changes.next();
    response.end(event('ERROR', { code: 410, message: 'too old resource version' }));
    assert.equal((await changes.next()).kind, 'synced');
  });

  it('lists every so often where it may not watch', async () => {
    let lists = 0;
    api.handle = (_request, response, url) => {
      if (url.searchParams.has('watch')) sendStatus(response, 403, 'pods is forbidden');
      else sendJson(response, list('1', [object(`n${lists++}`)]));
    };
    start(5);
    for (const name of ['n0', 'n1', 'n2']) assert.deepEqual(await changes.next(), { kind: 'synced', items: [name] });
    assert.equal(api.requests.filter((request) => request.includes('watch=true')).length, 1);
  });

  it('names the missing right', async () => {
    api.handle = (_request, response) => sendStatus(response, 403, 'pods is forbidden: User "jane" cannot list …');
    start();
    const change = await changes.next();
    assert.equal(change.kind, 'error');
    assert.match(change.kind === 'error' ? change.error.message : '', /list pods in all namespaces: user "jane" needs/);
  });

  it('says that the server is gone, and continues when it is back', async () => {
    const watch = watchOf();
    start();
    await watch;
    await changes.next();
    await api.stop();
    const change = await changes.next((one) => one.kind === 'error');
    assert.equal(change.kind === 'error' && change.error.code, 'unreachable');
    api.handle = (_request, response) => response.write(event('ADDED', object('b')));
    await api.start();
    assert.equal((await changes.next((one) => one.kind !== 'error')).kind, 'recovered');
    assert.deepEqual(await changes.next(), { kind: 'upsert', item: 'b' });
  });
});
