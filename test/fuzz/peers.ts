/** The client, as it is composed, against peers that answer anything. */

import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { firstValueFrom, merge, type Observable, switchMap, takeUntil, timer, toArray } from 'rxjs';
import { connectAgent } from '../../src/client/agents/agent-client.ts';
import { loadKubeClient } from '../../src/client/kubernetes/config.ts';
import { KubeError } from '../../src/client/kubernetes/errors.ts';
import { createInformer, type InformerEvent } from '../../src/client/kubernetes/informer.ts';
import { decodePod } from '../../src/client/names/kubernetes/objects.ts';

/** A peer that says nothing more is left after so long: that is well. */
const PATIENCE_MS = 200;
const GRPC = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;

let http2: Promise<{ readonly address: string; bytes: Buffer }> | undefined;

/** Bytes as the body of both calls: in HTTP/2 that is well. */
export async function askBody(bytes: Buffer, folder: string): Promise<void> {
  http2 ??= listening(
    createHttp2Server().on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond(GRPC, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      http2?.then((peer) => stream.end(peer.bytes));
    }),
    join(folder, 'http2.sock'),
  );
  const peer = await http2;
  peer.bytes = bytes;
  await ask(peer.address);
}

let raw: Promise<{ readonly address: string; bytes: Buffer }> | undefined;

/** Bytes in the place of all that a server says: frames of HTTP/2, or none. */
export async function askRaw(bytes: Buffer, folder: string): Promise<void> {
  raw ??= listening(
    createServer((socket) => {
      socket.on('error', () => {});
      // A client asks nothing before a server's settings. They are well; what answers the first question is not.
      socket.once('data', () => {
        socket.write(SETTINGS);
        socket.once('data', () => raw?.then((peer) => socket.end(peer.bytes)));
      });
    }),
    join(folder, 'raw.sock'),
  );
  const peer = await raw;
  peer.bytes = bytes;
  await ask(peer.address);
}

/** Whatever comes, or an error, which has to be one. */
async function ask(address: string): Promise<void> {
  const target = { key: 'a', dial: () => Promise.resolve({ address, close() {} }) };
  const answers$ = connectAgent(target).pipe(
    switchMap((link): Observable<unknown> => merge(link.info$, link.messages$)),
    takeUntil(timer(PATIENCE_MS)),
    toArray(),
  );
  try {
    await firstValueFrom(answers$);
  } catch (error) {
    if (!(error instanceof Error) || error.message === '') throw error;
    if (/^(TypeError|RangeError|ReferenceError)/.test(error.name)) throw error;
  }
}

interface Api {
  readonly port: number;
  list: Buffer;
  watch: Buffer;
  watched(): void;
}

let api: Promise<Api> | undefined;

/** The first line answers a list, the rest a watch. What comes of it are changes, and trouble is a KubeError. */
export async function followApi(bytes: Buffer, folder: string): Promise<void> {
  api ??= apiServer();
  const server = await api;
  const at = bytes.indexOf(0x0a);
  server.list = at === -1 ? bytes : bytes.subarray(0, at);
  server.watch = at === -1 ? Buffer.alloc(0) : bytes.subarray(at + 1);
  const path = join(folder, 'api-kubeconfig');
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${server.port}` } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: {} }],
    'current-context': 'x',
  };
  writeFileSync(path, JSON.stringify(kubeconfig));
  const kube = loadKubeClient({ kubeconfig: path }, {});
  await new Promise<void>((resolve, reject) => {
    const take = (change: InformerEvent<unknown>) => {
      if (change.kind !== 'error') return;
      if (change.error instanceof KubeError && change.error.message !== '') done();
      else done(change.error);
    };
    const done = (error?: unknown) => {
      clearTimeout(patience);
      subscription.unsubscribe();
      if (error === undefined) resolve();
      else reject(error);
    };
    const patience = setTimeout(done, PATIENCE_MS);
    server.watched = () => setImmediate(() => setImmediate(done));
    const collection = { resource: 'pods', group: '/api/v1', project: decodePod };
    const subscription = createInformer<unknown>(kube, collection).subscribe({ next: take, error: done });
  });
}

async function apiServer(): Promise<Api> {
  const server = createHttpServer(async (request, response) => {
    response.on('error', () => {});
    const { list, watch, watched } = await (api as Promise<Api>);
    response.setHeader('content-type', 'application/json');
    if (!request.url?.includes('watch=')) {
      response.end(list);
      return;
    }
    response.on('close', watched);
    for (let start = 0; start < watch.length; start += 1_000) response.write(watch.subarray(start, start + 1_000));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { port, list: Buffer.alloc(0), watch: Buffer.alloc(0), watched() {} };
}

async function listening(server: Server | HttpServer | Http2Server, path: string) {
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { address: `unix:${path}`, bytes: Buffer.alloc(0) as Buffer };
}

const SETTINGS = Buffer.from('000000040000000000', 'hex');

/** SETTINGS, headers of an answer of gRPC, a message, and trailers: what a server says for the first call. */
export function serverFrames(message: Buffer): Buffer {
  const frame = (type: number, flags: number, stream: number, body: Buffer) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(body.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, body]);
  };
  const literal = (name: string, value: string) =>
    Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([
    frame(4, 0, 0, Buffer.alloc(0)),
    frame(4, 1, 0, Buffer.alloc(0)),
    // 0x88: ":status: 200" of HPACK's table.
    frame(1, 4, 1, Buffer.concat([Buffer.from([0x88]), literal('content-type', 'application/grpc')])),
    frame(0, 0, 1, Buffer.concat([head, message])),
    frame(1, 5, 1, literal('grpc-status', '0')),
  ]);
}
