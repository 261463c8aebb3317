import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AgentCluster } from '../unit/client/cli/commands/agent-cluster.ts';
import { KFLOW, runProcess } from '../unit/client/cli/commands/run-process.ts';

const WATCH = fileURLToPath(new URL('../../src/client/async/heap-watch.ts', import.meta.url));

/** Keeps ever more, little at a time as a program that reads and decodes does, until it is reported to let go; then once more. */
const SCRIPT = `
  import { HEAP_RELEASE_RATIO, watchHeap } from ${JSON.stringify(WATCH)};
  let kept = [], reported = 0;
  watchHeap(HEAP_RELEASE_RATIO, () => { kept = []; reported++; });
  const more = () => {
    for (let i = 0; i < 200; i++) kept.push({ text: 'x'.repeat(64) + i, i });
    if (reported < 2) setImmediate(more); else { console.log('reported', reported); process.exit(0); }
  };
  more();`;

test('who watches the heap is reported in time to let go', async () => {
  const args = ['--max-old-space-size=128', '--input-type=module', '-e', SCRIPT];
  const { status, out, err } = await runProcess(process.execPath, args);
  assert.deepEqual([status, out, err], [0, 'reported 2\n', '']);
});

test('kflow ends by itself, with a word, before V8 ends it', async (t) => {
  const api = await AgentCluster.start(t, new Map(), {});
  const { handle } = api;
  let pages = 0;
  api.handle = (request, response, url) => {
    const isPods = url.pathname === '/api/v1/pods' && !url.searchParams.has('labelSelector');
    if (!isPods) return handle(request, response, url);
    const page = pages++;
    const items = Array.from({ length: 500 }, (_, i) => ({
      metadata: {
        uid: `${page}-${i}-${'u'.repeat(3_000)}`,
        name: `pod-${page}-${i}-${'n'.repeat(200)}`,
        namespace: 'shop',
      },
      status: { podIP: `10.${page & 255}.${i >> 8}.${i & 255}` },
    }));
    response.end(JSON.stringify({ metadata: { resourceVersion: '1', continue: String(pages) }, items }));
  };
  const args = ['--max-old-space-size=48', KFLOW, 'flows', '-f', '--kubeconfig', api.kubeconfig];
  const { status, err } = await runProcess(process.execPath, args);
  assert.equal(status, 1);
  assert.match(err, /^kflow: out of memory: more than kflow may use \(\d+ MiB\)\. NODE_OPTIONS=/m);
  assert.doesNotMatch(err, /FATAL ERROR|heap out of memory/);
});
