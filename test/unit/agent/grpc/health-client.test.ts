import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation, type ServingStatusMap } from 'grpc-health-check';
import { checkHealth } from '../../../../src/agent/grpc/health-client.ts';

const TIMEOUT_MS = 5_000;

async function serving(
  statuses: ServingStatusMap | undefined,
  address: string,
): Promise<{ port: number; stop(): void }> {
  const server = new Server();
  if (statuses) new HealthImplementation(statuses).addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, stop: () => server.forceShutdown() };
}

describe('probe', () => {
  for (const status of ['SERVING', 'NOT_SERVING', 'UNKNOWN'] as const) {
    it(`tells ${status}`, async () => {
      const server = await serving({ '': status }, '127.0.0.1:0');
      try {
        assert.deepEqual(await checkHealth(`127.0.0.1:${server.port}`, TIMEOUT_MS), { kind: 'status', status });
      } finally {
        server.stop();
      }
    });
  }

  it('asks a unix socket, and the loopback of a server on every address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kflow-probe-'));
    const socket = await serving({ '': 'SERVING' }, `unix:${folder}/s`);
    const everywhere = await serving({ '': 'SERVING' }, '0.0.0.0:0');
    try {
      assert.equal((await checkHealth(`unix:${folder}/s`, TIMEOUT_MS)).kind, 'status');
      assert.equal((await checkHealth(`unix://${folder}/s`, TIMEOUT_MS)).kind, 'status');
      assert.equal((await checkHealth(`0.0.0.0:${everywhere.port}`, TIMEOUT_MS)).kind, 'status');
    } finally {
      socket.stop();
      everywhere.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it('tells a server without health from one that is not there', async () => {
    const server = await serving(undefined, '127.0.0.1:0');
    try {
      const answer = await checkHealth(`127.0.0.1:${server.port}`, TIMEOUT_MS);
      assert.equal(answer.kind, 'other');
    } finally {
      server.stop();
    }
    const gone = await checkHealth(`127.0.0.1:${server.port}`, TIMEOUT_MS);
    assert.equal(gone.kind, 'no-reply');
    assert.match(gone.kind === 'no-reply' ? gone.reason : '', /ECONNREFUSED/);
  });

  it('gives up on a listener that says nothing, and on one that speaks something else', async () => {
    const mute = createServer((socket) => socket.on('error', () => {}));
    const chatty = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const ports = await Promise.all(
      [mute, chatty].map(
        (server) =>
          new Promise<number>((resolve) => {
            server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
          }),
      ),
    );
    try {
      const answers = await Promise.all(ports.map((port) => checkHealth(`127.0.0.1:${port}`, 200)));
      assert.deepEqual(answers[0], { kind: 'no-reply', reason: 'no reply within 0.2s' });
      assert.equal(answers[1]?.kind, 'no-reply');
    } finally {
      mute.close();
      chatty.close();
    }
  });
});
