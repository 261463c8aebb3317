import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { runKflow } from '../client/cli/commands/run-process.ts';
import { FileAgent, type Row } from './file-agent.ts';

const COUNTED: readonly Row[] = Array.from({ length: 5 }, (_, i) => ({ port: 100 + i, bytes: 1000 }));
const UNCOUNTED: readonly Row[] = Array.from({ length: 5 }, (_, i) => ({ port: 200 + i }));

/** What `kflow doctor` says of accounting, of an agent whose kernel makes new entries of this kind, one at each poll. */
async function accounting(t: TestContext, old: readonly Row[], fresh: Pick<Row, 'bytes'>): Promise<string> {
  const agent = await FileAgent.start(t, old);
  const rows = [...old];
  let stop = false;
  const writing = (async () => {
    for (let port = 1000; !stop; port++) {
      rows.push({ port, ...fresh });
      const before = agent.polls;
      agent.write(rows);
      // It polls only while doctor watches.
      while (!stop && agent.polls === before) await setTimeout(5);
    }
  })();
  const { out } = await runKflow(['doctor', '--endpoints', agent.address, '-o', 'json']);
  stop = true;
  await writing;
  const found = JSON.parse(out) as { check: string; status: string; message: string }[];
  const { status, message } = found.find(({ check }) => check === 'accounting') ?? {};
  return `${status}: ${message}`;
}

test('accounting that was turned off while the agent runs is seen, though old entries still count', async (t) => {
  assert.match(await accounting(t, COUNTED, {}), /^warning: off on test/);
});

test('accounting that was turned on while the agent runs is seen, though old entries do not count', async (t) => {
  assert.match(await accounting(t, UNCOUNTED, { bytes: 60 }), /^ok: on/);
});
