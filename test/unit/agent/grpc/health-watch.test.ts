import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { FileAgent } from '../file-agent.ts';

type WatchHealth = (request: { service: string }) => NodeJS.EventEmitter;

test('who watches the health of an agent that closes is reported NOT_SERVING before the stream ends', async (t) => {
  const agent = await FileAgent.start(t, [{ port: 1 }]);
  const Health = makeGenericClientConstructor(service, 'Health');
  const client = new Health(agent.address, credentials.createInsecure());
  t.after(() => client.close());
  const watched = ['', 'kflow.v1.FlowService'].map((name) => {
    const watch = (client.watch as WatchHealth)({ service: name });
    const heard: string[] = [];
    const began = new Promise<void>((resolve) => {
      watch.on('data', ({ status }: { status: string }) => {
        heard.push(status);
        resolve();
      });
    });
    const ended = new Promise((resolve) => watch.on('error', resolve));
    return { heard, began, ended };
  });
  await Promise.all(watched.map(({ began }) => began));
  await agent.stop();
  await Promise.all(watched.map(({ ended }) => ended));
  for (const { heard } of watched) assert.deepEqual(heard, ['SERVING', 'NOT_SERVING']);
});
