import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createInformer, type InformerEvent } from '../../../../src/client/kubernetes/informer.ts';
import { until } from '../../../lab/until.ts';
import { event, FakeApi, list, sendJson, sendStatus } from './fake-api.ts';

const object = (name: string, resourceVersion = '1') => ({ metadata: { name, resourceVersion } });
const BOOKMARK = event('BOOKMARK', object('', '9'));

/**
 * How often each kind of request is made in three seconds, in which a client that does not wait makes hundreds. It continues until
 * `isSeen`, however slow the machine is.
 */
async function follows(
  test: TestContext,
  handle: FakeApi['handle'],
  isSeen: (api: FakeApi, changes: number) => boolean,
) {
  const api = new FakeApi();
  test.after(() => api.remove());
  await api.start();
  api.handle = handle;
  const changes: InformerEvent<string>[] = [];
  const collection = { group: '/api/v1', resource: 'pods', project: (value: unknown) => JSON.stringify(value) };
  const subscription = createInformer(api.kube(), collection).subscribe((change) => changes.push(change));
  await until('the first request', 30_000, () => assert.ok(api.requests.length > 0));
  await delay(3_000);
  const watches = watchesOf(api);
  const lists = api.requests.length - watches;
  await until('what is waited for', 30_000, () => assert.ok(isSeen(api, changes.length)));
  subscription.unsubscribe();
  return { watches, lists, changes };
}

function watchesOf(api: FakeApi): number {
  return api.requests.filter((request) => request.includes('watch=true')).length;
}

const WATCHES: readonly [string, (response: ServerResponse) => void][] = [
  ['are too old at once', (response) => sendStatus(response, 410, 'too old resource version')],
  ['say that they are too old', (response) => response.end(event('ERROR', { code: 410, message: 'too old' }))],
  ['end at once', (response) => response.end()],
  ['end after a bookmark', (response) => response.end(BOOKMARK)],
  ['end after an object', (response) => response.end(event('ADDED', object('b')))],
  ['break at once', (response) => response.destroy()],
  ['break after a bookmark', (response) => response.write(BOOKMARK, () => response.destroy())],
  ['fail', (response) => sendStatus(response, 500, 'etcd is away')],
  ['are garbage', (response) => response.end('what?\n')],
];

describe('follow does not ask again and again', { concurrency: true }, () => {
  for (const [what, answer] of WATCHES)
    it(`where lists are well and watches ${what}`, async (test) => {
      const { watches, lists } = await follows(
        test,
        (_request, response, url) => {
          if (url.searchParams.has('watch')) answer(response);
          else sendJson(response, list('7', [object('a')]));
        },
        // It is tried again.
        (api) => watchesOf(api) >= 2,
      );
      assert.ok(watches <= 8 && lists <= 4, `${watches} watches, ${lists} lists`);
    });

  for (const [what, page] of [
    ['comes to no end', () => list('7', [object('a')], 'same')],
    ['has pages without objects', () => list('7', [], String(Math.random()))],
  ] as const)
    it(`for a list that ${what}`, async (test) => {
      const { lists, changes } = await follows(
        test,
        (_request, response) => sendJson(response, page()),
        (_, count) => count > 0,
      );
      const [first] = changes;
      assert.match(first?.kind === 'error' ? first.error.message : '', /list of pods does not end/);
      assert.ok(lists <= 12, `${lists} pages`);
    });
});
