import WebSocket, { type ClientOptions } from 'ws';
import { MAX_FORWARD_MESSAGE_BYTES } from '../../model/limits.ts';
import type { AccessGrant } from '../cluster-access.ts';
import { KubeError, singleLine } from '../errors.ts';
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

/** Channels, for the one port: the first byte of each message. */
const DATA = 0;
const ERROR = 1;
/** The first message of each channel is the port's number. */
const PORT_BYTES = 2;

/**
 * A port-forward as WebSocket. It needs the permission `get pods/portforward`, because a WebSocket starts with a GET. Rejects with
 * a KubeError. client-node's PortForward is not used: it buffers unread data without bound, and reports neither the end
 * of the WebSocket nor the body of a 403.
 */
export async function openWebSocket(
  entry: AccessGrant,
  target: PodPort,
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> {
  const options: ClientOptions = {
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    perMessageDeflate: false,
    maxPayload: MAX_FORWARD_MESSAGE_BYTES,
    autoPong: false,
    agent: entry.upgradeAgent,
    // Not as `headers`: a name may have several values.
    finishRequest: (request) => {
      for (const [name, value] of Object.entries(entry.headers)) request.setHeader(name, value);
      request.end();
    },
  };
  const url = `${entry.server.replace(/^http/, 'ws')}${portForwardPath(target)}?ports=${target.port}`;
  signal.throwIfAborted();
  const socket = new WebSocket(url, ['v4.channel.k8s.io'], options);
  const abort = () => socket.terminate();
  signal.addEventListener('abort', abort, { once: true });
  // Set from the start: a message may arrive together with the handshake's response.
  listen(socket, events);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', (error) => reject(signal.aborted ? signal.reason : handshakeError(error)));
      socket.on('unexpected-response', (request, response) => {
        upgradeError(response, target).then((error) => {
          reject(error);
          request.destroy();
        });
      });
    });
  } finally {
    signal.removeEventListener('abort', abort);
  }
  return {
    write(chunk, sent) {
      if (socket.readyState !== WebSocket.OPEN) return true;
      const message = Buffer.allocUnsafe(chunk.length + 1);
      message[0] = DATA;
      chunk.copy(message, 1);
      const full = socket.bufferedAmount + message.length > MAX_UNSENT_BYTES;
      socket.send(message, full ? sent : undefined);
      return !full;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    ping: () => {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    destroy: () => socket.terminate(),
  };
}

function listen(socket: WebSocket, events: TransportEvents): void {
  const greeted = [false, false];
  socket.on('message', (message: Buffer) => {
    events.alive();
    const channel = message[0];
    if (channel !== DATA && channel !== ERROR) return;
    const chunk = message.subarray(greeted[channel] ? 1 : 1 + PORT_BYTES);
    greeted[channel] = true;
    if (chunk.length === 0) return;
    if (channel === DATA) events.data(chunk);
    else events.failed(chunk.toString('utf8'));
  });
  socket.on('pong', () => events.alive());
  socket.on('ping', (data: Buffer) => {
    // A peer that pings without reading gets no replies, because they would queue up.
    if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < MAX_UNSENT_BYTES) socket.pong(data);
  });
  socket.on('close', (code, reason) => {
    const said = singleLine(reason.toString('utf8'));
    events.closed(said || (code === 1006 ? CONNECTION_LOST : FORWARD_ENDED));
  });
  socket.on('error', (error) => events.closed(KubeError.from(error).message));
}

function handshakeError(error: Error): KubeError {
  return error.message.includes('handshake has timed out') ? handshakeTimeoutError() : KubeError.from(error);
}
