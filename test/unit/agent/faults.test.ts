/** What subscribers and tables may do to an agent. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type ServiceError, status } from '@grpc/grpc-js';
import { checkHealth } from '../../../src/agent/grpc/health-client.ts';
import { type AgentDescription, decodeAgent } from '../../../src/wire/agent.ts';
import { until } from '../../lab/until.ts';
import { FileAgent, lineOf, type Row } from './file-agent.ts';

const SOON = 10_000;
const rows = (count: number, bytes = 1000): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    port: 1 + (i % 60_000),
    source: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    bytes,
  }));

const about = (agent: FileAgent) =>
  new Promise<AgentDescription>((resolve, reject) => {
    agent.client.getAgent({}, (error, response) =>
      error || !response ? reject(error) : resolve(decodeAgent(response)),
    );
  });

async function nobodyWatches(agent: FileAgent): Promise<void> {
  await until('nobody watches', SOON, async () => assert.equal((await about(agent)).subscribers, 0));
}

describe('subscribers', () => {
  it('fifty at once get the same table, each on a connection of its own', async (t) => {
    const agent = await FileAgent.start(t, rows(500));
    const clients = Array.from({ length: 50 }, () => agent.connect());
    t.after(() => {
      for (const client of clients) client.close();
    });
    const watches = clients.map((client) => agent.watch({}, client));
    await Promise.all(watches.map((watch) => watch.next()));
    assert.equal((await about(agent)).subscribers, 50);
    agent.write(rows(600, 5000));
    const tables = await Promise.all(
      watches.map((watch) =>
        watch.until('the new table', SOON, ({ flows }) =>
          flows.length === 600 && flows.every(({ stats }) => stats.original.bytes === 5000) ? flows : undefined,
        ),
      ),
    );
    const ids = (flows: (typeof tables)[number]) => flows.map(({ id }) => id).toSorted((a, b) => a - b);
    for (const flows of tables) assert.deepEqual(ids(flows), ids(tables[0] ?? []));
    for (const watch of watches) watch.close();
    await nobodyWatches(agent);
  });

  it('one that goes away in the middle of a snapshot leaves nothing behind', async (t) => {
    const agent = await FileAgent.start(t, rows(20_000));
    for (let i = 0; i < 3; i++) {
      const call = agent.client.watchFlows({});
      await new Promise<void>((resolve) => {
        call.once('data', () => {
          call.cancel();
          resolve();
        });
        call.on('error', () => {});
      });
    }
    await nobodyWatches(agent);
    const watch = agent.watch({ snapshotOnly: true });
    assert.equal((await watch.next()).flows.length, 20_000);
  });

  it('with nobody there it does not poll, and ids continue where they were', async (t) => {
    const agent = await FileAgent.start(t, rows(10));
    const first = (await agent.watch({ snapshotOnly: true }).next()).flows.map(({ id }) => id);
    await nobodyWatches(agent);
    const before = agent.polls;
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(agent.polls, before);
    const second = (await agent.watch({ snapshotOnly: true }).next()).flows.map(({ id }) => id);
    assert.equal(agent.polls, before + 1);
    assert.equal(new Set([...first, ...second]).size, 20, 'no id is used again');
  });

  it('one that stops reading costs no memory, and is then brought up to date at once', async (t) => {
    const agent = await FileAgent.start(t, rows(2000));
    const call = agent.client.watchFlows({});
    t.after(() => call.cancel());
    call.on('error', () => {});
    const seen = { messages: 0, sequence: 0, polls: 0, bytes: new Map<number, number>() };
    call.on('data', (response) => {
      seen.messages++;
      seen.sequence = response.sequence ?? 0;
      for (const { id, stats } of [...response.added, ...response.updated])
        if (stats?.original?.bytes !== undefined) seen.bytes.set(id ?? 0, stats.original.bytes);
      for (const id of response.removed) seen.bytes.delete(id);
      if (response.endOfPoll) seen.polls++;
    });
    const other = agent.watch();
    await until('a poll', SOON, () => assert.ok(seen.polls > 0));
    call.pause();
    // Each poll changes each flow, which is some 120 KB: what nobody reads must not pile up.
    for (let round = 1; round <= 60; round++) {
      agent.write(rows(2000, 1000 + round));
      await other.until('the change', SOON, ({ flows }) =>
        flows.every(({ stats }) => (stats.original.bytes ?? 0) >= 1000 + round) ? true : undefined,
      );
    }
    const polls = seen.polls;
    call.resume();
    await until('it is up to date', SOON, () => {
      assert.equal(seen.bytes.size, 2000);
      for (const bytes of seen.bytes.values()) assert.equal(bytes, 1060);
    });
    assert.equal(seen.sequence, seen.messages, 'no gaps');
    assert.ok(seen.polls - polls < 30, `${seen.polls - polls} differences of 60 polls: they were not merged`);
    other.close();
  });
});

describe('tables', () => {
  it('one that vanishes is NOT_SERVING, with the reason; when it returns, the same stream continues', async (t) => {
    const agent = await FileAgent.start(t, rows(3));
    const address = `unix:${join(agent.folder, 'agent.sock')}`;
    const health = (wanted: string) =>
      until(wanted, SOON, async () => {
        const answer = await checkHealth(address, 1000);
        assert.partialDeepStrictEqual(answer, { kind: 'status', status: wanted });
        assert.equal(/ENOENT/.test(answer.kind === 'status' ? (answer.reason ?? '') : ''), wanted === 'NOT_SERVING');
      });
    await health('SERVING');
    const watch = agent.watch();
    await watch.next();
    renameSync(agent.path, `${agent.path}.away`);
    const failed = await watch.until('the fault', SOON, (poll) => (poll.last.pollError ? poll : undefined));
    assert.match(failed.last.pollError ?? '', /nf_conntrack: ENOENT/);
    assert.equal(failed.flows.length, 3, 'what was known stays');
    await health('NOT_SERVING');
    const described = await about(agent);
    assert.match(described.unavailableReason ?? '', /nf_conntrack: ENOENT/);
    assert.deepEqual([described.path, described.source], ['', 'unknown']);
    const refused = (await agent.watch().ended()) as ServiceError;
    assert.equal(refused.code, status.UNAVAILABLE);
    assert.match(refused.details, /ENOENT/);
    renameSync(`${agent.path}.away`, agent.path);
    const back = await watch.until('its return', SOON, (poll) => (poll.last.pollError ? undefined : poll));
    assert.equal(back.flows.length, 3);
    await health('SERVING');
    assert.match(
      agent.log,
      /can no longer be read: ENOENT.*\n[\s\S]*reading .*nf_conntrack \(CONNTRACK_PATH names it\)\n/,
    );
    watch.close();
  });

  it('a folder in its place is a fault with a name', async (t) => {
    const agent = await FileAgent.start(t, rows(3));
    const watch = agent.watch();
    await watch.next();
    rmSync(agent.path);
    mkdirSync(agent.path);
    const failed = await watch.until('the fault', SOON, (poll) => (poll.last.pollError ? poll : undefined));
    assert.match(failed.last.pollError ?? '', /is a directory/);
    watch.close();
  });

  it('one of which no line is understood is NOT_SERVING, with the reason, until one is; an empty one is well', async (t) => {
    const agent = await FileAgent.start(t, '1234.56 7890.12\n', true);
    const address = `unix:${join(agent.folder, 'agent.sock')}`;
    const state = async () => {
      const answer = await checkHealth(address, 1000);
      assert.equal(answer.kind, 'status');
      return answer.kind === 'status' ? [answer.status, answer.reason] : [];
    };
    const [status, reason] = await state();
    assert.equal(status, 'NOT_SERVING');
    assert.match(reason ?? '', /^no line of .*nf_conntrack is one of a conntrack table, such as "1234.56 7890.12"$/);
    const described = await about(agent);
    assert.deepEqual([described.unparsedSample, described.unavailableReason], ['1234.56 7890.12', undefined]);
    assert.match(agent.log, /no line of .* such as "1234.56 7890.12"\n/);
    for (const [what, text] of [
      ['a line among others', `garbage\n${lineOf({ port: 1 })}`],
      ['nothing', ''],
    ] as const) {
      agent.writeText(text);
      await until(what, 2 * SOON, async () => assert.deepEqual(await state(), ['SERVING', undefined]));
      agent.writeText('\u001b[31mred\n');
      await until('garbage', 2 * SOON, async () => assert.match((await state())[1] ?? '', /"�\[31mred"/));
    }
  });

  it('an empty one is a table', async (t) => {
    const agent = await FileAgent.start(t, '');
    const { flows, last } = await agent.watch({ snapshotOnly: true }).next();
    assert.deepEqual([flows, last.poll?.entries, last.pollError], [[], 0, undefined]);
  });
});

describe('the end', () => {
  it('ends streams with UNAVAILABLE, and removes its sockets', async (t) => {
    const agent = await FileAgent.start(t, rows(3), true);
    const watch = agent.watch();
    await watch.next();
    await agent.stop();
    const error = (await watch.ended()) as ServiceError;
    assert.equal(error.code, status.UNAVAILABLE);
    assert.match(error.details, /shutting down/);
    for (const socket of ['agent.sock', 'metrics.sock']) assert.equal(existsSync(join(agent.folder, socket)), false);
  });
});

describe('metrics', () => {
  const ask = (t: TestContext, agent: FileAgent, path: string) =>
    new Promise<{ code: number | undefined; text: string }>((resolve, reject) => {
      const request = get({ socketPath: join(agent.folder, 'metrics.sock'), path }, (response) => {
        let text = '';
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () => resolve({ code: response.statusCode, text }));
      });
      request.on('error', reject);
      t.after(() => request.destroy());
    });

  it('are in the Prometheus text format, and tell of polls and health', async (t) => {
    const agent = await FileAgent.start(t, 'nonsense\n', true);
    await agent.watch({ snapshotOnly: true }).ended();
    const { code, text } = await ask(t, agent, '/metrics?name=x');
    assert.equal(code, 200);
    const samples = new Map<string, number>();
    const types = new Map<string, string>();
    for (const line of text.trimEnd().split('\n')) {
      const type = /^# TYPE ([a-z_]+) (gauge|counter)$/.exec(line);
      if (type) types.set(type[1] ?? '', type[2] ?? '');
      else if (!/^# HELP [a-z_]+ \S.*$/.test(line)) {
        const [, name = '', value] =
          /^([a-z_]+)(?:\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$/.exec(line) ?? [];
        assert.ok(types.has(name), line);
        assert.equal(types.get(name) === 'counter', name.endsWith('_total'), line);
        samples.set(name, Number(value));
      }
    }
    assert.deepEqual(
      ['kflow_serving', 'kflow_polls_total', 'kflow_poll_failures_total', 'kflow_unparsed_lines_total'].map((name) =>
        samples.get(name),
      ),
      [1, 1, 0, 1],
    );
    assert.ok((samples.get('kflow_poll_busy_seconds_total') ?? 0) > 0);
    assert.equal((await ask(t, agent, '/healthz')).code, 200);
    assert.match(
      (await ask(t, agent, '/readyz')).text,
      /^no line of .*nf_conntrack is one of a conntrack table, such as "nonsense"/,
    );
    assert.equal((await ask(t, agent, '/')).code, 404);
    rmSync(agent.path);
    await agent.watch().ended();
    const ready = await ask(t, agent, '/readyz');
    assert.equal(ready.code, 503);
    assert.match(ready.text, /ENOENT/);
    assert.equal((await ask(t, agent, '/healthz')).code, 200);
  });
});
