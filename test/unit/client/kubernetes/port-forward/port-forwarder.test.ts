import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { DialResult } from '../../../../../src/client/agents/discovery.ts';
import { createSocketFolder } from '../../../../../src/client/files/socket-folder.ts';
import { PortForwarder } from '../../../../../src/client/kubernetes/port-forward/port-forwarder.ts';
import { FakeApi, Inbox, sendStatus } from '../fake-api.ts';

const POD = { namespace: 'shop', pod: 'agent', port: 50051, node: 'node1' };
const PORT = Buffer.from([50051 & 0xff, 50051 >> 8]);
const message = (channel: number, text: string | Buffer) => Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);

describe('Forwarder', () => {
  let api: FakeApi;
  let kubelet: WebSocketServer;
  /** The far ends of the port-forwards, in the order in which they were opened. */
  let pods: Inbox<WebSocket>;
  let dialed: DialResult | undefined;
  const sockets: Socket[] = [];
  const controller = new AbortController();

  beforeEach(async () => {
    api = new FakeApi();
    pods = new Inbox();
    kubelet = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
    api.server.on('upgrade', (request, socket, head) => {
      api.requests.push(`upgrade ${request.url}`);
      kubelet.handleUpgrade(request, socket, head, (pod) => {
        pod.send(message(0, PORT));
        pod.send(message(1, PORT));
        pods.push(pod);
      });
    });
    await api.start();
  });
  afterEach(async () => {
    dialed?.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    await api.remove();
  });

  const dial = async () => {
    dialed = await new PortForwarder(api.kube()).dial(POD, controller.signal);
    return { dialed, path: dialed.address.replace(/^unix:/, '') };
  };
  const local = (path: string) => {
    const socket = connect(path);
    socket.on('error', () => {});
    sockets.push(socket);
    const bytes = new Inbox<string>();
    socket.on('data', (chunk) => bytes.push(chunk.toString()));
    return { socket, bytes, closed: new Promise((resolve) => socket.on('close', resolve)) };
  };
  const nextMessage = (pod: WebSocket) =>
    new Promise<string>((resolve) => pod.once('message', (data) => resolve(String(data))));

  it('joins a socket of its own and a port of the pod, in both directions', async () => {
    const { path } = await dial();
    assert.deepEqual(api.requests, ['upgrade /api/v1/namespaces/shop/pods/agent/portforward?ports=50051']);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    const pod = await pods.next();
    // Before anybody reads it.
    pod.send(message(0, 'hello '));
    const { socket, bytes } = local(path);
    assert.equal(await bytes.next(), 'hello ');
    const arrived = nextMessage(pod);
    socket.write('ping');
    assert.equal(await arrived, '\0ping');
    pod.send(message(0, 'world'));
    assert.equal(await bytes.next(), 'world');
  });

  it('opens another port-forward for another connection', async () => {
    const { path } = await dial();
    const [first, second] = [local(path), local(path)];
    for (const text of ['one', 'two']) (await pods.next()).send(message(0, text));
    assert.deepEqual([await first.bytes.next(), await second.bytes.next()], ['one', 'two']);
  });

  it('hands over the last words of the pod, then says that the way is broken', async () => {
    const { dialed, path } = await dial();
    const { bytes, closed } = local(path);
    const pod = await pods.next();
    pod.send(message(0, 'bye'));
    pod.close(1000);
    assert.match((await dialed.closed) ?? '', /the pod or its kubelet ended the port-forward/);
    assert.equal(await bytes.next(), 'bye');
    await closed;
  });

  it('passes over messages that are none of the port-forward, and answers pings', async () => {
    const { path } = await dial();
    const pod = await pods.next();
    for (const odd of [Buffer.alloc(0), Buffer.from([0]), Buffer.from([9, 1]), Buffer.from([255])]) pod.send(odd);
    pod.send('');
    const ponged = new Promise<string>((resolve) => pod.once('pong', (data) => resolve(String(data))));
    pod.ping('there?');
    assert.equal(await ponged, 'there?');
    pod.send(message(0, 'still here'));
    assert.equal(await local(path).bytes.next(), 'still here');
  });

  it('is broken by a message that no kubelet sends', async () => {
    const { dialed: way } = await dial();
    const pod = await pods.next();
    pod.on('error', () => {});
    pod.send(message(0, Buffer.alloc(2 * 1024 ** 2)));
    assert.match((await way.closed) ?? '', /Max payload size exceeded/);
  });

  it('tells why the kubelet failed', async () => {
    const { dialed } = await dial();
    (await pods.next()).send(message(1, 'error forwarding port 50051 … connect: connection refused'));
    assert.match(
      (await dialed.closed) ?? '',
      /nothing listens on 127\.0\.0\.1:50051 in the pod \(connection refused\)/,
    );
  });

  it('notices the end of a pod that has spoken before anybody listened', async () => {
    const { dialed } = await dial();
    const pod = await pods.next();
    pod.send(message(0, 'hello'), () => pod.close(1000));
    assert.ok(await dialed.closed);
  });

  it('notices that the API server is gone', async () => {
    const { dialed } = await dial();
    (await pods.next()).terminate();
    assert.match((await dialed.closed) ?? '', /connection to the API server was lost/);
  });

  it('notices a far end that is silent', { timeout: 15_000 }, async () => {
    kubelet.options.autoPong = false;
    const { dialed } = await dial();
    const before = performance.now();
    assert.match((await dialed.closed) ?? '', /no answer for 6 s/);
    assert.ok(performance.now() - before < 10_000);
  });

  it('does not read on when nobody takes what came', async () => {
    const { path } = await dial();
    const { socket } = local(path);
    socket.pause();
    const pod = await pods.next();
    const chunk = message(0, Buffer.alloc(64 * 1024));
    // Until the way is full, from end to end: the kernel's buffers, and a little more.
    let sent = 0;
    while (sent < 64e6 && pod.bufferedAmount < 2e6) {
      pod.send(chunk);
      sent += chunk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(sent < 32e6, `${sent} bytes were taken`);
    let read = 0;
    const all = new Promise<void>((resolve) => {
      socket.on('data', (data) => {
        read += data.length;
        if (read === sent - sent / chunk.length) resolve();
      });
    });
    socket.resume();
    await all;
  });

  it('ends the port-forward with its connection, without calling that broken', async () => {
    const { dialed, path } = await dial();
    const { socket } = local(path);
    const pod = await pods.next();
    const gone = new Promise((resolve) => pod.on('close', resolve));
    socket.end();
    await gone;
    assert.equal(await Promise.race([dialed.closed, Promise.resolve('whole')]), 'whole');
  });

  it('leaves nothing behind', async () => {
    const { dialed, path } = await dial();
    const { closed } = local(path);
    const pod = await pods.next();
    const gone = new Promise((resolve) => pod.on('close', resolve));
    dialed.close();
    await Promise.all([gone, closed]);
    assert.equal(existsSync(dirname(path)), false);
    dialed.close();
  });

  it('rejects with the missing permission, after it was refused by both transports', async () => {
    api.server.removeAllListeners('upgrade');
    const refused: string[] = [];
    api.server.on('upgrade', (request, socket) => {
      refused.push(`${request.method} ${request.headers.upgrade}`);
      const body = '{"message":"pods \\"agent\\" is forbidden: User \\"jane\\" cannot get resource"}';
      socket.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
    await assert.rejects(dial(), /not allowed to create pods\/portforward in namespace shop: user "jane" needs a Role/);
    assert.deepEqual(refused, ['GET websocket', 'POST SPDY/3.1']);
  });

  it('rejects where there is no pod, no kubelet, no API server', async () => {
    const statuses = [404, 502];
    api.server.removeAllListeners('upgrade');
    api.handle = (_request, response) => sendStatus(response, statuses.shift() ?? 500, 'dial tcp: i/o timeout');
    await assert.rejects(dial(), /pod shop\/agent is gone/);
    await assert.rejects(dial(), /the kubelet of node node1 does not answer the API server: dial tcp: i\/o timeout/);
    await api.stop();
    await assert.rejects(dial(), /API server at 127\.0\.0\.1:\d+ refuses the connection/);
  });

  it('keeps no stream open where its socket has no place, however often that is tried', async () => {
    let isFull = true;
    const forwarder = new PortForwarder(api.kube(), () => {
      if (isFull) throw new Error("ENOSPC: no space left on device, mkdtemp '/tmp/kflow-'");
      return createSocketFolder();
    });
    for (let attempt = 0; attempt < 3; attempt++) {
      const dialing = forwarder.dial(POD, controller.signal);
      const pod = await pods.next();
      const gone = new Promise((resolve) => pod.on('close', resolve));
      await assert.rejects(dialing, /no folder for the port-forward's socket: ENOSPC/);
      await gone;
    }
    isFull = false;
    dialed = await forwarder.dial(POD, controller.signal);
    const folder = dirname(dialed.address.replace(/^unix:/, ''));
    dialed.close();
    assert.equal(existsSync(folder), false, 'nobody counts as a user of the folder who could not use it');
  });

  it('gives up when it is reported to', async () => {
    api.server.removeAllListeners('upgrade');
    const asked = new Promise((resolve) => api.server.on('upgrade', resolve));
    const abort = new AbortController();
    const dialing = new PortForwarder(api.kube()).dial(POD, abort.signal);
    await asked;
    abort.abort(new Error('enough'));
    await assert.rejects(dialing, /enough/);
  });
});
