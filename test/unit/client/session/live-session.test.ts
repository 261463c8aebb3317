import assert from 'node:assert/strict';
import { test } from 'node:test';
import { map, type Observable, takeUntil, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { AgentEvent } from '../../../../src/client/agents/agent-event.ts';
import type { RegisteredAgent } from '../../../../src/client/agents/agent-registry.ts';
import type { AgentTarget, DiscoveryResult } from '../../../../src/client/agents/discovery.ts';
import type { Connection } from '../../../../src/client/model/connection.ts';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { type CorrelatedConnections, liveSnapshots } from '../../../../src/client/session/live-session.ts';
import { writeFlow } from '../../../../src/flow/flow.ts';
import { FlowTable } from '../../../../src/flow/flow-table.ts';
import { agentInfo, flow, poll } from '../agents/fixtures.ts';

const dial = () => Promise.reject(new Error('not dialed in this test'));
const A: AgentTarget = { key: 'a', dial };
const B: AgentTarget = { key: 'b', node: 'node-b', namespace: 'kflow', pod: 'b', dial };

function table(flows: number): FlowTable {
  const made = new FlowTable();
  for (let id = 1; id <= flows; id++) writeFlow(made, flow(id));
  made.commit(1000);
  return made;
}

const TABLE = table(3);
const EVENTS: Record<string, AgentEvent> = {
  c: { kind: 'status', status: { kind: 'connecting' } },
  l: { kind: 'status', status: { kind: 'live' } },
  x: { kind: 'status', status: { kind: 'lost', reason: 'gone', retryAt: 0 } },
  i: { kind: 'info', info: agentInfo },
  t: { kind: 'table', table: TABLE, poll: poll() },
};
const FOUND: Record<string, DiscoveryResult> = {
  '0': { targets: [], error: 'pods is forbidden' },
  a: { targets: [A] },
  b: { targets: [B] },
  m: { targets: [A, B] },
};

interface Scene {
  readonly found: string;
  readonly names?: string;
  /** Marbles of what each agent's stream tells. */
  readonly watch?: Record<string, string>;
  readonly events?: Record<string, AgentEvent>;
  readonly discovered?: Record<string, DiscoveryResult>;
  readonly connect?: (entries: readonly RegisteredAgent[], namesChanged: boolean) => readonly Connection[];
  /** In the place of `connect`: at that time. */
  readonly connected?: (now: number) => CorrelatedConnections;
  readonly pending?: () => boolean;
}

/** The snapshots of the first `ms`, with the time of each. */
function play(ms: number, scene: Scene): { at: number; snapshot: Snapshot }[] {
  const scheduler = new TestScheduler(assert.deepEqual);
  const seen: { at: number; snapshot: Snapshot }[] = [];
  scheduler.run(({ cold }) => {
    const names$ = cold(scene.names ?? '-').pipe(map(() => undefined));
    liveSnapshots({
      discovery: { origin: 'a test', discovered$: cold(scene.found, scene.discovered ?? FOUND) },
      names: {
        endpoint: () => undefined,
        service: () => undefined,
        changed$: names$,
        notices: ['names: none'],
        get pending() {
          return scene.pending?.() ?? false;
        },
      },
      correlate: (entries, namesChanged) =>
        scene.connected?.(scheduler.now()) ?? { connections: scene.connect?.(entries, namesChanged) ?? [] },
      watch: (target): Observable<AgentEvent> => cold(scene.watch?.[target.key] ?? 'c', { ...EVENTS, ...scene.events }),
      hints: (agents) => agents.filter((agent) => agent.status.kind === 'lost').map((agent) => `${agent.key} is lost`),
    })
      .pipe(takeUntil(timer(ms)))
      .subscribe((snapshot) => seen.push({ at: scheduler.now(), snapshot }));
  });
  return seen;
}

const times = (seen: { at: number }[]) => seen.map(({ at }) => at);
const kinds = (snapshot: Snapshot | undefined) => snapshot?.agents.map((agent) => `${agent.key} ${agent.status.kind}`);

test('says nothing before discovery has, then at once, then every second', () => {
  assert.deepEqual(times(play(2500, { found: '250ms 0' })), [250, 1250, 2250]);
  const [first] = play(300, { found: '250ms 0' });
  assert.deepEqual(first?.snapshot, {
    at: 250,
    origin: 'a test',
    agents: [],
    connections: [],
    notices: ['names: none'],
    missingNames: ['names: none'],
    discoveryError: 'pods is forbidden',
  });
});

test('changes that come together are reported together, ten times a second at most; only the first table waits less', () => {
  const seen = play(1000, { found: 'a', watch: { a: '10ms i 9ms t 9ms l 469ms x' } });
  assert.deepEqual(times(seen), [0, 30, 500]);
  assert.deepEqual(
    seen.map(({ snapshot }) => kinds(snapshot)),
    [['a connecting'], ['a live'], ['a lost']],
  );
  const next = play(400, { found: 'a', watch: { a: '(tl) 19ms t 29ms t 99ms t' } });
  assert.deepEqual(times(next), [0, 10, 110, 210]);
});

test('an agent is known by what discovery, then the agent itself, say', () => {
  const seen = play(400, { found: 'm', watch: { a: '150ms (itl)' } });
  assert.deepEqual(seen[0]?.snapshot.agents, [
    { key: 'a', node: 'a', status: { kind: 'connecting' } },
    { key: 'b', node: 'node-b', namespace: 'kflow', pod: 'b', status: { kind: 'connecting' } },
  ]);
  assert.deepEqual(seen.at(-1)?.snapshot.agents[0], {
    key: 'a',
    node: 'node1',
    status: { kind: 'live' },
    info: agentInfo,
    poll: poll(),
    flows: 3,
    lastSeenAt: 150,
  });
});

test('answers without news make a table none the younger', () => {
  const events = { o: { kind: 'table', table: TABLE, poll: poll(), old: true }, h: { kind: 'heartbeat' } } as const;
  const seen = play(1000, { found: 'a', watch: { a: '50ms i 49ms t 299ms o 99ms i 99ms h' }, events });
  assert.deepEqual(
    seen.map(({ snapshot }) => snapshot.agents[0]?.lastSeenAt),
    [undefined, 50, ...seen.slice(2).map(() => 100)],
  );
});

test('agents that come and go are followed; one that stays is not watched again; one that goes leaves what it saw', () => {
  const seen = play(900, { found: 'a 299ms m 299ms b', watch: { a: '(tl)', b: '(tl)' } });
  assert.deepEqual(
    seen.map(({ at, snapshot }) => [at, ...(kinds(snapshot) ?? [])]),
    [
      [0, 'a connecting'],
      [10, 'a live'],
      [300, 'a live', 'b connecting'],
      [400, 'a live', 'b live'],
      [600, 'a lost', 'b live'],
    ],
  );
});

const OLD: AgentTarget = { key: 'old', node: 'n1', namespace: 'kflow', pod: 'kflow-daemon-x', dial };
const NEXT: AgentTarget = { key: 'next', node: 'n1', namespace: 'kflow', pod: 'kflow-daemon-y', dial };
const WAITING: AgentTarget = { key: 'old#waiting', node: 'n1', namespace: 'kflow', pod: 'kflow-daemon-x', dial };
const lostAgents = (snapshot: Snapshot | undefined) =>
  snapshot?.agents.map(
    ({ key, status }) => `${key} ${status.kind}${status.kind === 'lost' ? `: ${status.reason}` : ''}`,
  );

test('what the agent of a replaced pod saw stays, as lost with the reason, until the next has sent a whole table', () => {
  const tables: string[] = [];
  const connect = (entries: readonly RegisteredAgent[]) => {
    tables.push(entries.flatMap(({ state, table }) => (table ? [`${state.key} ${state.status.kind}`] : [])).join());
    return [];
  };
  const found: Record<string, DiscoveryResult> = {
    o: { targets: [OLD] },
    w: { targets: [WAITING] },
    n: { targets: [NEXT] },
  };
  const seen = play(9000, {
    found: 'o 1s w 1s n',
    discovered: found,
    watch: { old: '(tl)', next: 'x 3s (tl)', 'old#waiting': 'x' },
    connect,
  });
  const at = (ms: number) => lostAgents(seen.findLast((one) => one.at <= ms)?.snapshot);
  assert.deepEqual(at(900), ['old live']);
  assert.deepEqual(at(1900), ['old lost: the agent in pod kflow-daemon-x ended', 'old#waiting lost: gone']);
  assert.deepEqual(at(4500), ['old lost: pod kflow-daemon-x was deleted', 'next lost: gone']);
  assert.deepEqual(at(6000), ['next live']);
  assert.deepEqual(
    tables.filter((one, i) => one !== tables[i - 1]),
    ['', 'old live', 'old lost', 'old lost,next live', 'next live'],
    'both are joined once, so that connections stay the same',
  );
});

test('what an agent saw that has nobody in its place is kept for a quarter of an hour, and one of each node', () => {
  const found: Record<string, DiscoveryResult> = { o: { targets: [OLD] }, n: { targets: [NEXT] }, e: { targets: [] } };
  const seen = play(1_000_000, { found: 'o 99ms n 99ms e', discovered: found, watch: { old: '(tl)', next: '(tl)' } });
  assert.deepEqual(lostAgents(seen.find(({ at }) => at > 899_000)?.snapshot), [
    'next lost: pod kflow-daemon-y was deleted',
  ]);
  assert.deepEqual(lostAgents(seen.at(-1)?.snapshot), []);
});

test('a half that is held back is shown when its time is over, though nothing comes', () => {
  const times: number[] = [];
  const scene: Scene = { found: 'a', watch: { a: '(tl)' } };
  play(4000, {
    ...scene,
    connected: (now) => {
      times.push(now);
      return { connections: [], ...(now < 2750 ? { dueInMs: 2750 - now } : {}) };
    },
  });
  assert.deepEqual(times, [0, 10, 2750]);
});

test('a lost agent keeps its table, and the others continue', () => {
  const tables: string[] = [];
  const connect = (entries: readonly RegisteredAgent[]) => {
    tables.push(entries.map(({ state, table }) => `${state.key} ${state.status.kind} ${table?.size}`).join(', '));
    return [];
  };
  play(900, { found: 'm', watch: { a: '(tl) 496ms x', b: '(tl) 696ms t' }, connect });
  assert.deepEqual(tables.at(-1), 'a lost 3, b live 3');
});

test('connections are rebuilt only when something changed', () => {
  let calls = 0;
  const made: Connection[] = [];
  const connect = () => {
    calls++;
    return made;
  };
  const seen = play(3500, { found: 'a', names: '1500ms n', watch: { a: '(tl)' }, connect });
  assert.equal(calls, 3, 'discovery, the agent, the names');
  assert.deepEqual(times(seen), [0, 10, 1000, 1500, 2500]);
  for (const { snapshot } of seen) assert.equal(snapshot.connections, made);
});

test('removed rows are reclaimed once connections were made of them', () => {
  const removing = table(3);
  removing.remove(removing.slotOf(2));
  removing.commit(2000);
  const tombstones: number[] = [];
  const connect = () => {
    tombstones.push(removing.tombstones);
    return [];
  };
  play(900, { found: 'a', watch: { a: '(tr) 496ms l' }, connect, events: { r: { kind: 'table', table: removing } } });
  assert.deepEqual(tombstones, [1, 1, 0], 'before the table came, with it, and after');
});

test('advice depends on the agents', () => {
  const seen = play(200, { found: 'a', watch: { a: 'x' } });
  assert.deepEqual(seen.at(-1)?.snapshot.notices, ['names: none', 'a is lost']);
});

test('names are pending until they reported that they are not', () => {
  let pending = true;
  const connect = (_: readonly RegisteredAgent[], namesChanged: boolean) => {
    if (!namesChanged) pending = false;
    return [];
  };
  const seen = play(900, { found: 'a', watch: { a: '(tl)' }, names: '500ms n', connect, pending: () => pending });
  assert.deepEqual(
    seen.map(({ at, snapshot }) => [at, snapshot.namesPending]),
    [
      [0, true],
      [10, true],
      [500, undefined],
    ],
  );
});

test('a discovery that breaks off leaves what it found', () => {
  const seen = play(500, { found: 'a 199ms #', watch: { a: '(tl)' } });
  assert.match(seen.at(-1)?.snapshot.discoveryError ?? '', /error/);
  assert.deepEqual(kinds(seen.at(-1)?.snapshot), ['a live']);
});

test('an agent that another one of its node replaces keeps its table until that one has sent a whole table', () => {
  const used = { ...B, key: 'b' };
  const young = { ...B, key: 'y', pod: 'y' };
  const counts: string[] = [];
  const seen = play(1400, {
    found: 'b 399ms s',
    discovered: {
      b: { targets: [used, { ...young, unused: 'kflow/b is the agent of node-b' }] },
      s: { targets: [{ ...used, unused: 'kflow/y is the agent of node-b' }, young] },
    },
    watch: { b: '(itl)', y: '500ms (itl)' },
    connect: (entries) => {
      counts.push(entries.map(({ state, table: known }) => `${state.key}${known === undefined ? '' : '*'}`).join(' '));
      return [];
    },
  });
  assert.deepEqual(kinds(seen[0]?.snapshot), ['b connecting', 'y unused']);
  assert.deepEqual(kinds(seen.at(-1)?.snapshot), ['b unused', 'y live']);
  assert.deepEqual([...new Set(counts)], ['b', 'b*', 'b* y', 'b* y*', 'y*']);
});

test('of two agents with one claim the first that answers is used, and the other one is listed', () => {
  const two: AgentTarget = { key: 'two', dial };
  const seen = play(1400, {
    found: '(s|)',
    discovered: { s: { targets: [A, two] } },
    watch: { a: '(itl) 500ms x', two: '10ms (itl)' },
    connect: (entries) => entries.map(({ state }) => ({ agent: state.key }) as unknown as Connection),
  });
  assert.deepEqual(kinds(seen[1]?.snapshot), ['a live', 'two unused']);
  assert.equal(seen[1]?.snapshot.connections.length, 1);
  assert.deepEqual(kinds(seen.at(-1)?.snapshot), ['a unused', 'two live']);
});

test('in a cluster the node is that of the pod, whatever the agent says', () => {
  const [last] = play(400, { found: 'b', watch: { b: '(itl)' } }).slice(-1);
  const [agent] = last?.snapshot.agents ?? [];
  assert.deepEqual([agent?.node, agent?.claimedNode], ['node-b', agentInfo.node]);
});
