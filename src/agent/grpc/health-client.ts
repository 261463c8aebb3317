import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';

export type HealthResult =
  /** SERVING, NOT_SERVING, UNKNOWN. */
  | { readonly kind: 'status'; readonly status: string /** Why it is not serving. */; readonly reason?: string }
  /** The server speaks gRPC, but does not report its health. */
  | { readonly kind: 'other'; readonly reason: string }
  /** No reply, or one that is not gRPC. */
  | { readonly kind: 'no-reply'; readonly reason: string };

/** A gRPC frame with an empty HealthCheckRequest: no compression, length 0. */
const EMPTY_REQUEST = Buffer.alloc(5);
/** The header that `health.ts` sends. Defined here again, so that a probe does not load a gRPC library. */
const REASON_HEADER = 'kflow-reason';
const SERVING_STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
/** More than any reply has. */
const MAX_BYTES = 1024;

/**
 * Calls grpc.health.v1.Health/Check for the whole server, without a gRPC library. `listen`: as in KFLOW_LISTEN, "host:port" or
 * "unix:path". If the server listens on every address, the call goes to the loopback. Never rejects.
 */
export function checkHealth(listen: string, timeoutMs: number): Promise<HealthResult> {
  return new Promise((resolve) => {
    const address = toChannelAddress(listen);
    const session = connect('http://localhost', { createConnection: () => connectSocket(address) });
    const end = (answer: HealthResult) => {
      clearTimeout(timer);
      session.destroy();
      resolve(answer);
    };
    const noReply = (reason: string) => end({ kind: 'no-reply', reason });
    const timer = setTimeout(() => noReply(`no reply within ${timeoutMs / 1000}s`), timeoutMs);
    session.on('error', (error) => noReply(error.message));

    const call = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let grpcStatus: string | undefined;
    let message = '';
    let reason: string | undefined;
    const chunks: Buffer[] = [];
    let length = 0;
    const note = (headers: Readonly<Record<string, unknown>>) => {
      if (headers[REASON_HEADER] !== undefined) reason = decodeResponse(String(headers[REASON_HEADER]));
      if (headers['grpc-status'] === undefined) return;
      grpcStatus = String(headers['grpc-status']);
      message = String(headers['grpc-message'] ?? '');
    };
    call.on('response', note);
    call.on('trailers', note);
    call.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BYTES) noReply('the answer is too long');
      else chunks.push(chunk);
    });
    // A stream that fails with its session has the reason in its cause.
    call.on('error', (error) => noReply(((error.cause as Error | undefined) ?? error).message));
    call.on('close', () => {
      if (grpcStatus === undefined) noReply('the answer is not gRPC');
      else if (grpcStatus !== '0') end({ kind: 'other', reason: `gRPC status ${grpcStatus} ${message}`.trim() });
      else end({ ...servingStatus(Buffer.concat(chunks)), ...(reason === undefined ? {} : { reason }) });
    });
    call.end(EMPTY_REQUEST);
  });
}

function toChannelAddress(listen: string): { path: string } | { host: string; port: number } {
  if (listen.startsWith('unix:')) return { path: listen.slice('unix:'.length).replace(/^\/\/(?=\/)/, '') };
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
  const anyAddress = host === '' || host === '0.0.0.0' || host === '::';
  return { host: anyAddress ? 'localhost' : host, port: Number(listen.slice(colon + 1)) };
}

function decodeResponse(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A reply is a frame header of 5 bytes and a HealthCheckResponse: empty (status 0 is not sent), or field 1, a varint. */
function servingStatus(frame: Buffer): HealthResult {
  const message = frame.subarray(5);
  if (frame.length >= 5 && message.length === 0) return { kind: 'status', status: 'UNKNOWN' };
  const name = message[0] === 0x08 && message[1] !== undefined ? SERVING_STATUS[message[1]] : undefined;
  return name === undefined
    ? { kind: 'other', reason: 'the answer is not a health status' }
    : { kind: 'status', status: name };
}
