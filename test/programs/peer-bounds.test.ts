/** Peers of which only a whole process shows what they cost: memory, processor time and requests, in a small heap. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { FIRST_LINE, FRAME_HEADER_BYTES, FRAME_KIND, FrameEncoder } from '../../src/client/recording/frame.ts';
import { FileAgent, lineOf } from '../unit/agent/file-agent.ts';
import { AgentCluster } from '../unit/client/cli/commands/agent-cluster.ts';
import { type Bounded, runBounded } from '../unit/client/cli/commands/bounded.ts';
import { event, list, sendJson } from '../unit/client/kubernetes/fake-api.ts';
import { FIELDS, repeating } from '../unit/client/recording/odd-recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-bounds-'));
after(() => rmSync(folder, { recursive: true }));

function assertBounded(t: TestContext, { peakMib, cpuSeconds }: Bounded, most: { mib: number; seconds: number }): void {
  t.diagnostic(`${Math.round(peakMib)} MiB, ${cpuSeconds.toFixed(1)} s of CPU`);
  assert.ok(peakMib < most.mib, `${peakMib} MiB`);
  assert.ok(cpuSeconds < most.seconds, `${cpuSeconds} s`);
}

type Answer = (response: ServerResponse, isWatch: boolean) => void;

/** A cluster with one good agent, whose lists and watches of names are answered so. */
async function cluster(t: TestContext, odd: Readonly<Record<string, Answer>>) {
  const agent = await FileAgent.start(t, lineOf({ port: 40_000, bytes: 500 }), false, { nodeName: 'node1' });
  const api = await AgentCluster.start(t, new Map([['node1', agent]]), {});
  const { handle } = api;
  api.handle = (request, response, url) => {
    const isOfAgents = url.searchParams.has('labelSelector') || url.pathname.endsWith('/namespaces/kflow/pods');
    const answer = isOfAgents ? undefined : odd[url.pathname.split('/').at(-1) ?? ''];
    if (answer === undefined) handle(request, response, url);
    else answer(response, url.searchParams.has('watch'));
  };
  return ['--kubeconfig', api.kubeconfig, '--request-timeout', '50s'];
}

const ROW = /"source":\{"address":"10\.0\.0\.1","port":40000\}/;
const NO_NAMES = (resource: string) => new RegExp(`no names for [a-z, ]*${resource}`);

test('a list with ever new tokens comes to its end', async (t) => {
  let pages = 0;
  const services: Answer = (response) =>
    sendJson(response, list('1', [{ metadata: { uid: `u${pages}`, name: 'a', namespace: 'shop' } }], `t${pages++}`));
  const ended = await runBounded(['flows', '-o', 'json', ...(await cluster(t, { services }))], 128);
  assert.equal(ended.status, 0);
  assert.match(ended.out, ROW);
  assert.match(ended.err, /^kflow: no names for services: the API server's list of services does not end$/m);
  assert.ok(pages >= 1_000 && pages < 4_010, `${pages} pages`);
  assertBounded(t, ended, { mib: 300, seconds: 20 });
});

test('lists and watches of other shapes cost their names', async (t) => {
  let watches = 0;
  const watched =
    (line: string): Answer =>
    (response, isWatch) => {
      if (!isWatch) return sendJson(response, list('1', []));
      watches++;
      response.end(`${line}\n`);
    };
  const shapes: Readonly<Record<string, Answer>> = {
    pods: (response) => response.end('{"items":5}'),
    nodes: (response) => response.end('{"metadata":{},"items":[null]}'),
    services: watched('null\n5\n{}'),
    endpointslices: watched('{"type":"ADDED","object":{"metadata":{"uid":5}}}'),
  };
  const ended = await runBounded(['flows', '-f', '-o', 'json', ...(await cluster(t, shapes))], 128, {
    read: (_, kill) => setTimeout(() => kill('SIGINT'), 3_000),
  });
  assert.equal(ended.status, 130);
  assert.match(ended.out, ROW);
  for (const resource of ['pods', 'nodes']) assert.match(ended.err, NO_NAMES(resource));
  assert.doesNotMatch(ended.err, /fault in kflow/);
  assert.ok(watches >= 3, `${watches} watches: the lines were read, and it was tried again`);
  assertBounded(t, ended, { mib: 250, seconds: 8 });
});

test('watches that end after one bookmark are not opened again and again', async (t) => {
  let watches = 0;
  const bookmark: Answer = (response, isWatch) => {
    if (!isWatch) return sendJson(response, list('1', []));
    watches++;
    response.end(event('BOOKMARK', { metadata: { resourceVersion: '2' } }));
  };
  const odd = { pods: bookmark, nodes: bookmark, services: bookmark, endpointslices: bookmark };
  let started = false;
  const ended = await runBounded(['flows', '-f', '-o', 'json', ...(await cluster(t, odd))], 128, {
    read: (_, kill) => {
      if (!started) setTimeout(() => kill('SIGINT'), 4_000);
      started = true;
    },
  });
  assert.equal(ended.status, 130);
  // Of four resources, each at once and after 2 and 4 seconds at the earliest.
  assert.ok(watches >= 4 && watches <= 20, `${watches} watches`);
  assertBounded(t, ended, { mib: 250, seconds: 8 });
});

/** A frame that another program wrote: half a gigabyte of zeros. */
function hugeFrame(): Buffer {
  const body = deflateRawSync(Buffer.alloc(512 * 1024 ** 2), { level: 1 });
  const frame = Buffer.alloc(FRAME_HEADER_BYTES);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt8(FRAME_KIND.keyframe, 8);
  frame.writeUInt8(1, 9);
  frame.writeUInt16LE(crc32(frame.subarray(0, 10)) & 0xffff, 10);
  frame.writeUInt32LE(crc32(body), 12);
  return Buffer.concat([frame, body]);
}

test('a recording with a frame that unpacks to 512 MiB loses that frame', async (t) => {
  const path = join(folder, 'huge.kflow');
  const good = new FrameEncoder().pack(FRAME_KIND.keyframe, 1_000, repeating(FIELDS.notices, 'a good notice', 1));
  const end = new FrameEncoder().pack(FRAME_KIND.end, 1_000, Buffer.alloc(0));
  writeFileSync(path, Buffer.concat([Buffer.from(FIRST_LINE), hugeFrame(), good, end]));
  // From the start: the last moment alone would not be read from the frame before it.
  const ended = await runBounded(['flows', '-f', '--recording', path, '-o', 'json'], 128);
  assert.match(ended.err, /the recording is damaged: one stretch is left out/);
  assert.match(ended.err, /a good notice/);
  assertBounded(t, ended, { mib: 700, seconds: 10 });
});
