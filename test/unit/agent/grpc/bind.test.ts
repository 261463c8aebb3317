import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Server } from '@grpc/grpc-js';
import { bindServer } from '../../../../src/agent/grpc/bind.ts';

test('a unix socket has its final mode from its first moment, and the mask is what it was', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'agent.sock');
  const before = process.umask(0o022);
  t.after(() => process.umask(before));

  const server = new Server();
  t.after(() => server.forceShutdown());
  const binding = bindServer(server, `unix:${path}`);
  // The socket is there after the look for one that was left behind; from its first moment on it is private.
  for (;;) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined) {
      assert.equal(found.mode & 0o777, 0o600);
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { address, close } = await binding;
  t.after(close);
  assert.equal(address, `unix:${path}`);
  assert.equal(process.umask(), 0o022);

  // Another process listens there now.
  await assert.rejects(bindServer(new Server(), `unix:${path}`), /another process may be using it/);
  await assert.rejects(bindServer(new Server(), `unix:${join(folder, 'no', 'where')}`), /cannot listen on/);
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
  const bound = await Promise.all(servers.map((server, i) => bindServer(server, `unix:${join(folder, `${i}.sock`)}`)));
  for (const { close } of bound) close();
  assert.equal(process.umask(), before);
});

test('more connections than the limit are closed at once, and those that there are stay', async (t) => {
  const server = new Server();
  t.after(() => server.forceShutdown());
  const { address, close } = await bindServer(server, '127.0.0.1:0', 2);
  t.after(close);
  const port = Number(address.split(':')[1]);
  const sockets = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const ended = sockets.map((socket) => once(socket.on('error', () => {}).resume(), 'close'));
  const first = await Promise.race(ended.map((one, i) => one.then(() => i)));
  assert.equal(first, 2);
  assert.deepEqual(
    sockets.map(({ destroyed }) => destroyed),
    [false, false, true],
  );
});

test('a connection that is idle makes room for a new one, where all places are taken', async (t) => {
  const server = new Server();
  t.after(() => server.forceShutdown());
  const { address, close } = await bindServer(server, '127.0.0.1:0', 2, 200);
  t.after(close);
  const port = Number(address.split(':')[1]);
  const open = () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    t.after(() => socket.destroy());
    return socket.resume();
  };
  const [first] = [open(), open()];
  // Bytes are counted once a second.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const ended = once(first, 'close');
  const third = open();
  await ended;
  assert.equal(third.destroyed, false);
});
