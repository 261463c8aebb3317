/** What an API server may answer: each input becomes trouble of that collection, in bounded memory, and nothing is thrown. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { decodeAgentPod } from '../../src/client/agents/agent-pod.ts';
import type { KubeError } from '../../src/client/kubernetes/errors.ts';
import { createInformer, type InformerEvent, subscribeToInformer } from '../../src/client/kubernetes/informer.ts';
import { readPages } from '../../src/client/kubernetes/list-pages.ts';
import { MAX_API_OBJECT_BYTES } from '../../src/client/model/limits.ts';
import {
  decodeEndpointSlice,
  decodeNode,
  decodePod,
  decodeService,
} from '../../src/client/names/kubernetes/objects.ts';
import { event, FakeApi, Inbox, list, sendJson } from '../unit/client/kubernetes/fake-api.ts';

const object = (name: string) => ({ metadata: { uid: name, name, namespace: 'shop', resourceVersion: '1' } });

async function started(t: TestContext, handle: FakeApi['handle']): Promise<FakeApi> {
  const api = new FakeApi();
  t.after(() => api.remove());
  await api.start();
  api.handle = handle;
  return api;
}

/** The first trouble of a collection. */
async function trouble(t: TestContext, handle: FakeApi['handle']): Promise<KubeError> {
  const api = await started(t, handle);
  const changes = new Inbox<InformerEvent<unknown>>();
  const collection = { group: '/api/v1', resource: 'pods', project: decodePod };
  const subscription = createInformer(api.kube(), collection).subscribe((change) => changes.push(change));
  t.after(() => subscription.unsubscribe());
  const change = await changes.next(({ kind }) => kind === 'error');
  return change.kind === 'error' ? change.error : assert.fail();
}

const LISTS: readonly (readonly [string, RegExp])[] = [
  ['null', /answer is not a JSON object/],
  ['5', /answer is not a JSON object/],
  ['[]', /answer is not a JSON object/],
  ['{', /answer is not JSON/],
  ['{}', /list of pods is invalid/],
  ['{"metadata":{},"items":5}', /list of pods is invalid/],
  ['{"items":5}', /list of pods is invalid/],
  ['{"metadata":{},"items":[null]}', /item that is not an object/],
  ['{"metadata":{"continue":7},"items":[5]}', /item that is not an object/],
];

for (const [body, words] of LISTS)
  test(`a list of ${body} is trouble`, async (t) => {
    assert.match((await trouble(t, (_request, response) => response.end(body))).message, words);
  });

const LINES: readonly (readonly [string, RegExp])[] = [
  ['null', /answer is not a JSON object/],
  ['5', /answer is not a JSON object/],
  ['{}', /watch of pods sent a line that is not an event/],
  ['{"type":"ADDED"}', /line that is not an event/],
  ['{"type":"ADDED","object":null}', /line that is not an event/],
  ['{"type":"NONE","object":{}}', /line that is not an event/],
  ['{"type":"ERROR","object":{"code":23,"message":"odd"}}', /answered 500: odd/],
  ['{', /answer is not JSON/],
];

for (const [line, words] of LINES)
  test(`a watch's line ${line} is trouble`, async (t) => {
    const error = await trouble(t, (_request, response, url) => {
      if (url.searchParams.has('watch')) response.end(`${line}\n`);
      else sendJson(response, list('7', []));
    });
    assert.match(error.message, words);
  });

/** Writes without an end, as fast as it is read. Gives how much was written when the client left. */
function endless(response: ServerResponse, head: string): Promise<number> {
  const piece = Buffer.alloc(1024 ** 2, 'x');
  let written = 0;
  response.write(head);
  const more = () => {
    while (!response.destroyed) {
      written += piece.length;
      if (response.write(piece)) continue;
      response.once('drain', more);
      return;
    }
  };
  more();
  return new Promise((resolve) => response.on('close', () => resolve(written)));
}

test('a line of a watch without an end is left after 16 MiB', { timeout: 20_000 }, async (t) => {
  let written: Promise<number> | undefined;
  const error = await trouble(t, (_request, response, url) => {
    if (url.searchParams.has('watch')) written ??= endless(response, '{"type":"');
    else sendJson(response, list('7', []));
  });
  assert.match(error.message, /a line of more than 16 MiB/);
  assert.ok(((await written) ?? 0) < MAX_API_OBJECT_BYTES * 3);
});

test('a list that is too large is asked for in smaller pages, then left', { timeout: 20_000 }, async (t) => {
  const limits: string[] = [];
  const api = await started(t, (_request, response, url) => {
    limits.push(url.searchParams.get('limit') ?? '');
    void endless(response, '{"metadata":{},"items":["');
  });
  const changes = new Inbox<InformerEvent<unknown>>();
  const subscription = createInformer(api.kube(), { group: '/api/v1', resource: 'pods', project: decodePod }).subscribe(
    (change) => {
      changes.push(change);
      subscription.unsubscribe();
    },
  );
  const change = await changes.next();
  assert.match(change.kind === 'error' ? change.error.message : '', /more than 64 MiB in one answer/);
  assert.deepEqual(limits, ['500', '50', '5']);
});

test('a chain of tokens comes to an end', async () => {
  let asked = 0;
  const page = () => ({ items: [object('a')], next: String(asked++), version: '' });
  const read = (limits: { items: number; perPage: number[] }) =>
    readPages(
      () => Promise.resolve(page()),
      'pods',
      () => {},
      limits,
    );
  await assert.rejects(read({ items: 1000, perPage: [50] }), /does not end/);
  assert.equal(asked, 21);
  await assert.rejects(read({ items: 10, perPage: [1] }), /does not end|more than 10 objects/);
  await assert.rejects(
    readPages(
      () => Promise.resolve({ items: [object('a')], next: 'x'.repeat(20_000), version: '' }),
      'pods',
      () => {},
    ),
    /does not end/,
  );
});

test('more objects than a cluster has are too many', async () => {
  const items = Array.from({ length: 11 }, (_, i) => object(String(i)));
  const read = () => Promise.resolve({ items, next: '', version: '' });
  await assert.rejects(
    readPages(read, 'pods', () => {}, { items: 10, perPage: [500] }),
    /list of pods has more than 10 objects/,
  );
});

test('objects of any shape are read, or left out', () => {
  const odd: unknown[] = [null, undefined, 5, 'x', [], true, Object.create(null), { metadata: { uid: 5 } }];
  const whole = { uid: 'u', name: 'a', namespace: 'shop' };
  const parts = ['metadata', 'spec', 'status', 'endpoints'];
  for (const value of odd) for (const part of parts) odd.length < 200 && odd.push({ metadata: whole, [part]: value });
  const deep = [
    'labels',
    'ownerReferences',
    'annotations',
    'conditions',
    'containerStatuses',
    'podIPs',
    'ports',
    'containers',
  ];
  for (const field of deep)
    for (const value of [null, 5, [null], [5], { a: 5 }, 'x'])
      odd.push({ metadata: { ...whole, [field]: value }, spec: { [field]: value }, status: { [field]: value } });
  for (const value of odd)
    for (const project of [decodePod, decodeNode, decodeService, decodeEndpointSlice, decodeAgentPod])
      assert.doesNotThrow(() => project(value), JSON.stringify(value));
  assert.equal(decodePod({ metadata: { ...whole, uid: 7 } }), undefined, 'a pod whose uid is a number');
});

test('a consumer that throws is reported, and its collection is watched again', async (t) => {
  const api = await started(t, (_request, response, url) => {
    if (!url.searchParams.has('watch')) sendJson(response, list('7', [object('a')]));
    else response.write(event('ADDED', object('b')));
  });
  const changes = new Inbox<InformerEvent<unknown>>();
  const subscription = subscribeToInformer(
    api.kube(),
    { group: '/api/v1', resource: 'pods', project: decodePod },
    (change) => {
      changes.push(change);
      if (change.kind === 'upsert') throw undefined;
    },
  );
  t.after(() => subscription.unsubscribe());
  const change = await changes.next(({ kind }) => kind === 'error');
  assert.match(change.kind === 'error' ? change.error.message : '', /answer for pods is invalid/);
});
