import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** One request, as the API server saw it. */
export interface Recorded {
  readonly upgrade: 'WebSocket' | 'SPDY' | undefined;
  readonly method: string;
  readonly path: string;
  /** What tells who asks, and the way; in one text, to be compared. */
  readonly identity: string;
  readonly authorization: string | undefined;
}

/** What a proxy was asked, by the local port of its connection to the API server. */
export type ByProxy = ReadonlyMap<number, string>;

export function record(request: IncomingMessage, proxies: ByProxy): Recorded {
  const socket = request.socket as Socket & Partial<TLSSocket>;
  const encrypted = socket.encrypted === true;
  const certificate = encrypted ? (socket as TLSSocket).getPeerCertificate()?.subject?.CN : undefined;
  const sni = encrypted ? (socket as TLSSocket).servername || 'none' : undefined;
  const headers: string[] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] ?? '').toLowerCase();
    if (name === 'authorization' || name.startsWith('impersonate-'))
      headers.push(`${name}: ${request.rawHeaders[index + 1]}`);
  }
  const upgrade = request.headers.upgrade?.toLowerCase();
  const identity = [
    encrypted ? `TLS, SNI ${sni}, certificate ${certificate ?? 'none'}` : 'plain',
    `proxy ${proxies.get(socket.remotePort ?? 0) ?? 'none'}`,
    ...headers.sort(),
  ].join(' | ');
  return {
    upgrade: upgrade === undefined ? undefined : upgrade === 'websocket' ? 'WebSocket' : 'SPDY',
    method: request.method ?? '',
    path: (request.url ?? '').split('?')[0] ?? '',
    identity,
    authorization: request.headers.authorization,
  };
}
