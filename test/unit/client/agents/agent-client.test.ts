import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Server, ServerCredentials, type ServerWritableStream, type sendUnaryData, status } from '@grpc/grpc-js';
import { firstValueFrom, lastValueFrom, switchMap, take, toArray } from 'rxjs';
import { connectAgent } from '../../../../src/client/agents/agent-client.ts';
import type { AgentTarget, DialResult } from '../../../../src/client/agents/discovery.ts';
import type { GetAgentResponse } from '../../../../src/wire/gen/kflow/v1/GetAgentResponse.ts';
import { FLOW_SERVICE, serializeResponse } from '../../../../src/wire/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
after(() => rmSync(folder, { recursive: true }));

type Stream = ServerWritableStream<unknown, Buffer>;

/** Serves one agent, made by hand, on a unix socket. */
async function serve(name: string, info: GetAgentResponse, watch: (stream: Stream) => void) {
  const server = new Server();
  server.addService(FLOW_SERVICE, {
    GetAgent: (_: unknown, answer: sendUnaryData<GetAgentResponse>) => answer(null, info),
    WatchFlows: watch,
  });
  const address = `unix:${join(folder, name)}`;
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())),
  );
  return { address, close: () => server.forceShutdown() };
}

function target(dial: () => Promise<DialResult>): AgentTarget {
  return { key: 'a', dial };
}

function at(address: string, closed = () => {}): AgentTarget {
  return target(() => Promise.resolve({ address, close: closed }));
}

test('asks the agent about itself', async (t) => {
  const counters = { drop: 7 };
  const reported = {
    nodeName: 'node1',
    source: 1,
    accounting: 2,
    entries: 0,
    counters,
    startedAt: { seconds: 5 },
  } as const;
  const server = await serve('about', reported, () => {});
  t.after(server.close);
  const info = await firstValueFrom(connectAgent(at(server.address)).pipe(switchMap((link) => link.info$)));
  assert.equal(info.node, 'node1');
  assert.equal(info.source, 'procfs');
  assert.equal(info.accounting, 'off');
  assert.equal(info.timestamping, 'unknown');
  assert.equal(info.entries, 0);
  assert.equal(info.maxEntries, undefined);
  assert.equal(info.counters?.drop, 7);
  assert.equal(info.startedAt, 5000);
});

test('streams messages, and closes the way when it is left', async (t) => {
  const server = await serve('stream', {}, (stream) => {
    for (const sequence of [1, 2])
      stream.write(serializeResponse({ sequence, endOfPoll: true, snapshot: sequence === 1 }));
  });
  t.after(server.close);
  let closed = 0;
  const two$ = connectAgent(at(server.address, () => closed++)).pipe(
    switchMap((link) => link.messages$),
    take(2),
    toArray(),
  );
  const messages = await lastValueFrom(two$);
  assert.deepEqual(
    messages.map(({ sequence, snapshot, endOfPoll }) => ({ sequence, snapshot, endOfPoll })),
    [
      { sequence: 1, snapshot: true, endOfPoll: true },
      { sequence: 2, snapshot: false, endOfPoll: true },
    ],
  );
  assert.equal(closed, 1);
});

test('says in few words why there is no connection', async () => {
  const failed = (agent: AgentTarget) => lastValueFrom(connectAgent(agent).pipe(switchMap((link) => link.messages$)));
  const port = await freePort();
  await assert.rejects(failed(at(`127.0.0.1:${port}`)), { message: `connect ECONNREFUSED 127.0.0.1:${port}` });
  await assert.rejects(failed(at(`unix:${folder}/none`)), { message: `connect ENOENT ${folder}/none` });
  await assert.rejects(
    failed(target(() => Promise.reject(new Error('pods "a" is forbidden')))),
    /pods "a" is forbidden/,
  );
});

test('says of what is no agent that it is none', async (t) => {
  const servers = [
    createServer((socket) => socket.on('error', () => {}).write('SSH-2.0-x\r\n')),
    createServer((socket) => socket.end()),
  ];
  const reasons = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      t.after(() => server.close());
      const { port } = server.address() as { port: number };
      return lastValueFrom(connectAgent(at(`127.0.0.1:${port}`)).pipe(switchMap((link) => link.messages$))).then(
        () => 'an answer',
        (error: Error) => error.message,
      );
    }),
  );
  assert.deepEqual(reasons, [
    'not a kflow agent: the server does not speak gRPC',
    'it closed the connection without a reply: not a kflow agent, or one behind TLS',
  ]);
});

test('passes on what the agent says', async (t) => {
  const server = await serve('refuses', {}, (stream) =>
    stream.emit('error', { code: status.UNAVAILABLE, details: 'no conntrack table can be read' }),
  );
  t.after(server.close);
  await assert.rejects(lastValueFrom(connectAgent(at(server.address)).pipe(switchMap((link) => link.messages$))), {
    message: 'no conntrack table can be read',
  });
});

test('errors when the way is broken', async (t) => {
  const server = await serve('broken', {}, () => {});
  t.after(server.close);
  const broken = Promise.resolve('the pod is gone');
  const link$ = connectAgent(target(() => Promise.resolve({ address: server.address, closed: broken, close() {} })));
  await assert.rejects(lastValueFrom(link$.pipe(switchMap((link) => link.messages$))), { message: 'the pod is gone' });
});

test('a dial that ends after it was left is closed', async () => {
  let closed = 0;
  let dialed: (way: DialResult) => void = () => {};
  const way = new Promise<DialResult>((resolve) => {
    dialed = resolve;
  });
  const aborts: AbortSignal[] = [];
  const subscription = connectAgent({
    key: 'a',
    dial: (signal) => {
      aborts.push(signal);
      return way;
    },
  }).subscribe();
  subscription.unsubscribe();
  assert.equal(aborts[0]?.aborted, true);
  dialed({ address: 'unix:/none', close: () => closed++ });
  await way;
  await Promise.resolve();
  assert.equal(closed, 1);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
