import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Server } from '@grpc/grpc-js';
import { bind } from '../../../../src/agent/serve/bind.ts';

test('a unix socket has its final mode from its first moment, and the mask is what it was', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'agent.sock');
  const before = process.umask(0o022);
  t.after(() => process.umask(before));

  // In the place of gRPC's, which tells of itself only later.
  const listener = createServer();
  t.after(() => listener.close());
  let first: number | undefined;
  const server = new Server();
  server.bindAsync = (_address, _credentials, done) => {
    listener.listen(path, () => done(null, 0));
    first = statSync(path).mode & 0o777;
  };
  assert.equal(await bind(server, `unix:${path}`), `unix:${path}`);
  assert.equal(first, 0o600);
  assert.equal(process.umask(), 0o022);

  // Another process listens there now.
  await assert.rejects(bind(new Server(), `unix:${path}`), /another process does/);
  await assert.rejects(bind(new Server(), `unix:${join(folder, 'no', 'where')}`), /cannot listen on/);
  assert.equal(process.umask(), 0o022);
});

test('several at once leave the mask as it was', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const before = process.umask();
  const servers = [new Server(), new Server(), new Server()];
  t.after(() => {
    for (const server of servers) server.forceShutdown();
  });
  await Promise.all(servers.map((server, i) => bind(server, `unix:${join(folder, `${i}.sock`)}`)));
  assert.equal(process.umask(), before);
});

test('the same by gRPC itself', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const server = new Server();
  t.after(() => server.forceShutdown());
  const address = await bind(server, `unix:${join(folder, 'agent.sock')}`);
  assert.equal(statSync(address.slice('unix:'.length)).mode & 0o777, 0o600);
});
