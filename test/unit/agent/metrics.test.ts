import assert from 'node:assert/strict';
import { get } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatMetrics } from '../../../src/agent/metrics.ts';
import { PollTotals } from '../../../src/agent/polling/poller.ts';
import type { AgentDescription } from '../../../src/wire/agent.ts';
import { until } from '../../lab/until.ts';
import { FileAgent } from './file-agent.ts';

const DESCRIPTION: AgentDescription = {
  node: 'node "1"\\\n',
  version: '1.2.3',
  source: 'procfs',
  path: '/proc/net/nf_conntrack',
  candidates: [],
  accounting: 'on',
  timestamping: 'off',
  entries: 1_234,
  maxEntries: 65_536,
  counters: { insertFailed: 3, drop: 5, earlyDrop: 7, searchRestart: 11 },
  startedAt: 0,
  subscribers: 2,
};

function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

test('metrics: every one has its name, unit and value', () => {
  const meter = new PollTotals();
  meter.succeeded(1_500, 4, undefined);
  meter.succeeded(250, 2, 'x');
  meter.failed();
  const samples = samplesOf(formatMetrics(DESCRIPTION, meter));
  const { user, system } = process.cpuUsage();
  const cpu = samples.get('process_cpu_seconds_total') ?? 0;
  assert.ok(Math.abs(cpu - (user + system) / 1e6) < 1, `${cpu} s`);
  const memory = samples.get('process_resident_memory_bytes') ?? 0;
  assert.ok(Math.abs(memory / process.memoryUsage.rss() - 1) < 0.5, `${memory} bytes`);
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes']) samples.delete(name);
  assert.deepEqual(Object.fromEntries(samples), {
    'kflow_agent_info{node="node \\"1\\"\\\\\\n",version="1.2.3",source="procfs"}': 1,
    kflow_serving: 1,
    kflow_subscribers: 2,
    kflow_conntrack_entries: 1_234,
    kflow_conntrack_entries_limit: 65_536,
    kflow_conntrack_insert_failed_total: 3,
    kflow_conntrack_drop_total: 5,
    kflow_conntrack_early_drop_total: 7,
    kflow_conntrack_search_restart_total: 11,
    kflow_polls_total: 3,
    kflow_poll_failures_total: 1,
    kflow_poll_busy_seconds_total: 1.75,
    kflow_unparsed_lines_total: 6,
  });
});

test('metrics: what is unknown is left out, and is not 0', () => {
  const { entries: _, maxEntries: __, counters: ___, ...unknown } = DESCRIPTION;
  const text = formatMetrics({ ...unknown, path: '' }, new PollTotals());
  assert.equal(samplesOf(text).get('kflow_serving'), 0);
  assert.doesNotMatch(text, /kflow_conntrack/);
});

test('metrics: base units and names as Prometheus has them', () => {
  const text = formatMetrics(DESCRIPTION, new PollTotals());
  const described = [...text.matchAll(/^# HELP (\S+) (.+)\n# TYPE (\S+) (counter|gauge)\n(\S+?)[ {]/gm)];
  assert.equal(described.length, text.match(/^# TYPE/gm)?.length);
  for (const [, name = '', help = '', typed, type, sampled] of described) {
    assert.deepEqual([typed, sampled], [name, name]);
    assert.match(name, /^(kflow|process)_[a-z]+(_[a-z]+)*$/);
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    assert.match(help, /^[A-Za-z].*\.$|^net\./);
    assert.doesNotMatch(name, /_(ms|milliseconds|microseconds|kilobytes|megabytes|percent|minutes)(_|$)/);
  }
});

test('metrics of an agent that polls: what the poll was, and no more time than there was', async (t) => {
  const began = performance.now();
  const agent = await FileAgent.start(t, [{ port: 1 }, { port: 2 }, { port: 3 }], true);
  const ask = () =>
    new Promise<Map<string, number>>((resolve, reject) => {
      get({ socketPath: join(agent.folder, 'metrics.sock'), path: '/metrics' }, async (response) => {
        let text = '';
        for await (const piece of response) text += piece;
        resolve(samplesOf(text));
      }).on('error', reject);
    });
  const watch = agent.watch();
  t.after(() => watch.close());
  await until('three polls', 5_000, async () => assert.ok(((await ask()).get('kflow_polls_total') ?? 0) >= 3));
  const samples = await ask();
  const polls = samples.get('kflow_polls_total') ?? 0;
  assert.ok(Math.abs(polls - agent.polls) <= 1, `${polls} and ${agent.polls}`);
  assert.equal(samples.get('kflow_subscribers'), 1);
  assert.equal(samples.get('kflow_conntrack_entries'), undefined, 'a file is no kernel');
  const busy = samples.get('kflow_poll_busy_seconds_total') ?? 0;
  assert.ok(busy > 1e-6 * polls && busy < (performance.now() - began) / 1000, `${busy} s`);
});

test('a poll that came late says so', async (t) => {
  const agent = await FileAgent.start(t, [{ port: 1 }]);
  const watch = agent.watch();
  t.after(() => watch.close());
  await watch.next();
  // Nothing runs in this process meanwhile, so no poll either.
  for (const until = performance.now() + 200; performance.now() < until; );
  await watch.until('a late poll', 5_000, ({ last }) => (last.poll?.skipped ? true : undefined));
  await watch.until('one in time', 5_000, ({ last }) => (last.poll?.skipped ? undefined : true), watch.polls.length);
});
