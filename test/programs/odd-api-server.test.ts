/** The shipped program and an API server that answers what it likes: names are missing, the agents' rows are there. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { FileAgent, lineOf } from '../unit/agent/file-agent.ts';
import { AgentCluster, agentObject } from '../unit/client/cli/commands/agent-cluster.ts';
import { runBounded } from '../unit/client/cli/commands/bounded.ts';
import { runKflowProcess } from '../unit/client/cli/commands/run-process.ts';
import { event, list, sendJson } from '../unit/client/kubernetes/fake-api.ts';

type Answer = (response: ServerResponse, isWatch: boolean) => void;

function endless(response: ServerResponse): void {
  const piece = Buffer.alloc(1024 ** 2, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

async function cluster(t: TestContext, odd: Readonly<Record<string, Answer>>) {
  const table = lineOf({ port: 40_000, bytes: 500 });
  const agent = await FileAgent.start(t, table, false, { nodeName: 'node1', intervalMs: 50 });
  const api = await AgentCluster.start(t, new Map([['node1', agent]]), {});
  const { handle } = api;
  api.handle = (request, response, url) => {
    const resource = url.pathname.split('/').at(-1) ?? '';
    const isOfAgents = url.searchParams.has('labelSelector') || url.pathname.endsWith('/namespaces/kflow/pods');
    const answer = isOfAgents ? undefined : odd[resource];
    if (answer === undefined) handle(request, response, url);
    else answer(response, url.searchParams.has('watch'));
  };
  return api;
}

test('lists and watches without an end, null and 5 cost names, not rows, and no memory', async (t) => {
  const api = await cluster(t, {
    pods: (response) => endless(response),
    nodes: (response) => response.end('null'),
    services: (response) => sendJson(response, list('1', [{ metadata: { uid: 5, name: 'a' } }], 'same')),
    endpointslices: (response, isWatch) => (isWatch ? endless(response) : sendJson(response, list('1', []))),
  });
  const { out, err, status, peakMib, cpuSeconds } = await runBounded(
    ['flows', '-o', 'json', '--kubeconfig', api.kubeconfig, '--request-timeout', '50s'],
    128,
  );
  assert.equal(status, 0);
  assert.match(out, /"source":\{"address":"10\.0\.0\.1","port":40000\}/);
  assert.match(err, /^kflow: no names for pods: the API server sent more than 64 MiB in one answer$/m);
  assert.match(err, /^kflow: no names for nodes: the API server's answer is not a JSON object$/m);
  assert.match(err, /^kflow: no names for services: the API server's list of services does not end$/m);
  t.diagnostic(`${Math.round(peakMib)} MiB, ${cpuSeconds.toFixed(1)} s of CPU`);
  assert.ok(peakMib < 600, `${peakMib} MiB`);
  assert.ok(cpuSeconds < 15, `${cpuSeconds} s`);
});

test('a watch that sends one agent pod after another costs neither the rows nor Ctrl-C', async (t) => {
  const api = await cluster(t, {});
  const { handle } = api;
  let sent = 0;
  api.handle = (request, response, url) => {
    if (!url.searchParams.has('watch') || !url.pathname.endsWith('/namespaces/kflow/pods'))
      return handle(request, response, url);
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed) {
        const name = `more-${++sent}`;
        if (response.write(event('ADDED', agentObject('kflow', name, 'node1', '10.244.1.98')))) continue;
        response.once('drain', more);
        return;
      }
    };
    more();
  };
  let interruptedAt = 0;
  const { status, out } = await runKflowProcess(
    ['flows', '-f', '-o', 'json', '--kubeconfig', api.kubeconfig, '--request-timeout', '50s'],
    {
      read: (_, kill) => {
        if (interruptedAt !== 0) return;
        interruptedAt = -1;
        // The pods that came by then are looked at as often as they change.
        setTimeout(() => {
          interruptedAt = performance.now();
          kill('SIGINT');
        }, 5_000);
      },
    },
  );
  const heardMs = performance.now() - interruptedAt;
  assert.match(out, /"port":40000/);
  assert.equal(status, 130);
  assert.ok(sent > 1_000, `${sent} pods`);
  assert.ok(heardMs < 3_000, `${heardMs} ms`);
});
