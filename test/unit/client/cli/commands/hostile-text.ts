import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Server, ServerCredentials, type ServerWritableStream, status } from '@grpc/grpc-js';
import type { WatchFlowsResponse } from '../../../../../src/wire/gen/kflow/v1/WatchFlowsResponse.ts';
import { FLOW_SERVICE, serializeResponse } from '../../../../../src/wire/service.ts';

/** The line that an operator is to believe. */
export const FORGED = 'kflow: all agents are well';
/** Clears the screen, fills the clipboard, sets the title, turns the writing, hides, and begins a line of its own. */
export const EVIL = `E\x1b[2J\x1b]52;c;QQ==\x07\x1b]0;owned\x1b\\\u009b2J\u202e\u2066\u2028\u200b\u00ad\ufeff\u3164\u{e0041}\r\n${FORGED}\n`;

/** Of these, only ends of lines may be in what is printed. */
const RAW = /[^\P{C}\n]|[\u2028\u2029\u3164]/u;

/** Nothing in the output obeys, hides or begins a line that was not ours to begin. */
export function assertClean(what: string, output: string): void {
  const found = RAW.exec(output);
  const at = found?.index ?? 0;
  assert.equal(
    found,
    null,
    `${what}: U+${found?.[0].codePointAt(0)?.toString(16)} in ${JSON.stringify(output.slice(at - 60, at + 40))}`,
  );
  for (const line of output.split('\n')) assert.ok(!line.startsWith(FORGED), `${what}: ${output}`);
}

/** The same, of JSON, whose texts a program gets as they are. */
export function assertCleanJson(what: string, output: string): void {
  assertClean(what, output);
  if (output === '') return;
  JSON.parse(output, (_, value) => {
    if (typeof value === 'string') assertClean(`${what}, a text in it`, value.replaceAll('\n', '\x1b'));
    return value;
  });
}

const address = (last: number) => `10.0.0.${last}`;

function* polls(addresses: string): Generator<WatchFlowsResponse> {
  const at = Math.floor(Date.now() / 1000);
  const tuple = (source: string, destination: string) => ({
    sourceAddress: source,
    destinationAddress: destination,
    sourcePort: 40_000,
    destinationPort: 80,
  });
  for (let sequence = 1; ; sequence++)
    yield {
      sequence,
      observedAt: { seconds: at + sequence },
      endOfPoll: true,
      poll: { entries: 1, unparsedLines: 1, unparsedSample: EVIL, durationSeconds: 0.001, intervalSeconds: 1 },
      ...(sequence === 1
        ? {
            snapshot: true,
            added: [
              {
                id: 1,
                family: 4,
                protocol: EVIL,
                protocolNumber: 6,
                state: 3,
                original: tuple(addresses, address(2)),
                reply: tuple(address(2), addresses),
              },
            ],
          }
        : {}),
    };
}

/**
 * An agent of which every text is hostile: one with a table, one that has none and says why, and one whose addresses are none either.
 * Gives its address.
 */
export async function hostileTextAgent(
  t: TestContext,
  kind: 'tells' | 'refuses' | 'breaks' = 'tells',
): Promise<string> {
  const path = join(tmpdir(), `kflow-text-${process.pid}-${Math.random().toString(36).slice(2, 8)}.sock`);
  const refuses = kind === 'refuses';
  const server = new Server();
  const timers = new Set<NodeJS.Timeout>();
  server.addService(FLOW_SERVICE, {
    GetAgent: (_: unknown, answer: (error: null, response: object) => void) =>
      answer(null, {
        nodeName: EVIL,
        version: EVIL,
        source: 1,
        path: EVIL,
        candidates: [{ path: EVIL, outcome: EVIL }],
        accounting: 2,
        unparsedSample: EVIL,
        ...(refuses ? { unavailableReason: EVIL } : {}),
      }),
    WatchFlows: (call: ServerWritableStream<object, Buffer>) => {
      if (refuses) {
        call.emit('error', { code: status.UNAVAILABLE, details: EVIL });
        return;
      }
      const made = polls(kind === 'breaks' ? EVIL : address(1));
      const timer = setInterval(() => {
        const { value } = made.next();
        if (value !== undefined) call.write(serializeResponse(value));
      }, 20);
      timers.add(timer);
      call.on('cancelled', () => clearInterval(timer));
    },
  });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  );
  t.after(() => {
    for (const timer of timers) clearInterval(timer);
    server.forceShutdown();
    rmSync(path, { force: true });
  });
  return `unix:${path}`;
}
