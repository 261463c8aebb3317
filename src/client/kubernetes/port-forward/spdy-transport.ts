import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { deadline } from '../api-request.ts';
import type { AccessGrant } from '../cluster-access.ts';
import { KubeError } from '../errors.ts';
import { dataFrameHeader, pingFrame, SpdyFrameReader, synStreamFrame } from './spdy-frames.ts';
import {
  CONNECTION_LOST,
  FORWARD_ENDED,
  HANDSHAKE_TIMEOUT_MS,
  handshakeTimeoutError,
  MAX_UNSENT_BYTES,
  type PodPort,
  portForwardPath,
  type Transport,
  type TransportEvents,
  upgradeError,
} from './transport.ts';

/** A client's streams have odd numbers. */
const ERROR_STREAM = 1;
const DATA_STREAM = 3;
/** The kubelet sends the reason for the end of a stream within this time, or never. */
const REASON_MS = 500;

/**
 * A port-forward as SPDY/3.1, as in old versions of kubectl. It starts with a POST, so it only needs the permission `create
 * pods/portforward`. Rejects with a KubeError.
 */
export async function openSpdy(
  entry: AccessGrant,
  target: PodPort,
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> {
  const socket = await upgrade(entry, target, signal);
  const open = new Set([ERROR_STREAM, DATA_STREAM]);
  const ended = (stream: number) => {
    // Reported once, even if the other side repeats it.
    if (!open.delete(stream)) return;
    if (open.size === 0) events.closed(FORWARD_ENDED);
    // The reason for the end comes afterwards on the other stream.
    else if (stream === DATA_STREAM) setTimeout(() => events.closed(FORWARD_ENDED), REASON_MS);
  };
  const frames = new SpdyFrameReader({
    data: (stream, chunk) => {
      if (stream === DATA_STREAM) events.data(chunk);
      else events.failed(chunk.toString('utf8'));
    },
    fin: (stream) => ended(stream),
    reset: (stream) => ended(stream),
    goAway: () => events.closed(FORWARD_ENDED),
    ping: (id) => {
      // Odd: a reply to our own ping. A peer that pings without reading gets no replies, because they would queue up.
      if (id % 2 === 0 && socket.writableLength < MAX_UNSENT_BYTES) socket.write(pingFrame(id));
    },
  });
  socket.on('data', (bytes: Buffer) => {
    events.alive();
    frames.push(bytes);
  });
  socket.on('error', (error) => events.closed(KubeError.from(error).message));
  socket.on('close', () => events.closed(CONNECTION_LOST));
  const port = { port: String(target.port), requestid: '0' };
  socket.write(synStreamFrame(ERROR_STREAM, { streamtype: 'error', ...port }, true, true));
  socket.write(synStreamFrame(DATA_STREAM, { streamtype: 'data', ...port }, false, false));
  let lastPing = -1;
  return {
    write(chunk, sent) {
      if (!socket.writable) return true;
      socket.write(dataFrameHeader(DATA_STREAM, chunk.length));
      const full = socket.writableLength + chunk.length > MAX_UNSENT_BYTES;
      socket.write(chunk, full ? sent : undefined);
      return !full;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    ping: () => {
      lastPing += 2;
      if (socket.writable) socket.write(pingFrame(lastPing));
    },
    destroy: () => socket.destroy(),
  };
}

async function upgrade(entry: AccessGrant, target: PodPort, signal: AbortSignal): Promise<Duplex> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    'x-stream-protocol-version': 'portforward.k8s.io',
    'content-length': '0',
  };
  const timeout = deadline(signal, HANDSHAKE_TIMEOUT_MS);
  try {
    return await new Promise<Duplex>((resolve, reject) => {
      const request = entry.openUpgrade(portForwardPath(target), { method: 'POST', headers, signal: timeout.signal });
      request.on('upgrade', (_response: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      request.on('response', (response) => {
        upgradeError(response, target).then((error) => {
          reject(error);
          request.destroy();
        });
      });
      request.on('error', reject);
      request.end();
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw timeout.signal.aborted ? handshakeTimeoutError() : KubeError.from(error);
  } finally {
    timeout.clear();
  }
}
