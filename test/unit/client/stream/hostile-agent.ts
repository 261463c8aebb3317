import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { WatchFlowsResponse } from '../../../../src/wire/gen/kflow/v1/WatchFlowsResponse.ts';
import { serializeResponse } from '../../../../src/wire/service.ts';

export type Call = 'WatchFlows' | 'GetAgent';
export type Answer = (stream: ServerHttp2Stream, call: Call) => void;

export const GRPC = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;

/** HTTP/2 in the place of an agent: it may answer what no gRPC library would. Gives its address. */
export async function hostileAgent(t: TestContext, answer: Answer): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-hostile-'));
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream, headers) => {
    // The client leaves such a server in the midst of an answer.
    stream.on('error', () => {});
    answer(stream, headers[':path']?.endsWith('/GetAgent') ? 'GetAgent' : 'WatchFlows');
  });
  const path = join(folder, 'agent.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return `unix:${path}`;
}

/** A message of gRPC, not compressed. */
export function frame(message: WatchFlowsResponse): Buffer {
  const body = serializeResponse(message);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Answers one kind of call with these bytes and headers, and leaves the other without an answer. */
export function answers(call: Call, bytes: Buffer, headers: Readonly<Record<string, string>> = {}): Answer {
  return (stream, asked) => {
    if (asked !== call) return;
    stream.respond({ ...GRPC, ...headers });
    stream.write(bytes);
  };
}

/** Ends a call with these trailers. */
export function ends(call: Call, trailers: Readonly<Record<string, string>>): Answer {
  return (stream, asked) => {
    if (asked !== call) return;
    stream.respond(GRPC, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end();
  };
}
