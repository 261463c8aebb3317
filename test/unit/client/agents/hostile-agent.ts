import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Flow } from '../../../../src/wire/gen/kflow/v1/Flow.ts';
import type { WatchFlowsResponse } from '../../../../src/wire/gen/kflow/v1/WatchFlowsResponse.ts';
import { FlowServiceClient, serializeResponse } from '../../../../src/wire/service.ts';

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
    // The client leaves such a server in the middle of an answer.
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

/** Answers one kind of call with these bytes and headers, and leaves the other unanswered. */
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

/** A row of its own for each number. */
export function row(id: number): Flow {
  const address = `10.${(id >> 16) & 255}.${(id >> 8) & 255}.${id & 255}`;
  const [source, destination] = [address, '192.0.2.1'];
  return {
    id,
    family: 4,
    protocolNumber: 6,
    original: { sourceAddress: source, destinationAddress: destination, sourcePort: 1024, destinationPort: 443 },
    reply: { sourceAddress: destination, destinationAddress: source, sourcePort: 443, destinationPort: 1024 },
  };
}

const PER_MESSAGE = 5_000;

/** Streams a snapshot of so many rows, as fast as it is read; `maxFlows` is used where it is `honest`. `make`: a row of each number. */
export function table(rows: number, honest: boolean, make: (id: number) => Flow = row): Answer {
  return (stream, call) => {
    if (call !== 'WatchFlows') return;
    stream.respond(GRPC);
    stream.once('data', (request: Buffer) => {
      const { maxFlows = 0 } = FlowServiceClient.service.WatchFlows.requestDeserialize(request.subarray(5));
      const most = honest && maxFlows > 0 ? Math.min(rows, maxFlows) : rows;
      let sent = 0;
      let sequence = 0;
      const more = (): void => {
        while (sent < most && !stream.destroyed) {
          const count = Math.min(PER_MESSAGE, most - sent);
          const added = Array.from({ length: count }, (_, i) => make(sent + i + 1));
          sent += count;
          const endOfPoll = sent === most;
          const end = endOfPoll ? { poll: { entries: rows, intervalSeconds: 1 }, others: { flows: rows - most } } : {};
          const bytes = frame({ sequence: ++sequence, snapshot: true, endOfPoll, added, ...end });
          if (stream.write(bytes)) continue;
          stream.once('drain', more);
          return;
        }
      };
      more();
    });
  };
}

/** Sends a message rebuilt, so often. */
export function repeats(everyMs: number, make: (sequence: number) => WatchFlowsResponse): Answer {
  return (stream, call) => {
    if (call !== 'WatchFlows') return;
    stream.respond(GRPC);
    let sequence = 0;
    const send = () => stream.write(frame(make(++sequence)));
    const timer = setInterval(send, everyMs);
    stream.on('close', () => clearInterval(timer));
    send();
  };
}
