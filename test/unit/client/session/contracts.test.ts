/** What is made of parts passes every part on: each member says something that nothing else says, and has to come out. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstValueFrom, NEVER, of } from 'rxjs';
import type { AgentState } from '../../../../src/client/model/agent.ts';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import type { NameResolver } from '../../../../src/client/names/name-resolver.ts';
import { withUnanswered } from '../../../../src/client/problems/unanswered-rule.ts';
import { Recorder } from '../../../../src/client/recording/recorder.ts';
import { liveSnapshots } from '../../../../src/client/session/live-session.ts';
import { openSession } from '../../../../src/client/session/open-session.ts';
import { connection } from '../tui/fixtures.ts';

const AGENT: AgentState = { key: 'kflow/agent', node: 'node1', status: { kind: 'connecting' } };

const NAMES: Required<NameResolver> = {
  endpoint: () => undefined,
  service: () => undefined,
  owners: () => undefined,
  changed$: NEVER,
  pending: true,
  servicesWithoutEndpoints: ['shop/idle'],
  localGaps: [{ service: 'shop/near', nodes: ['node2'] }],
  notices: ['of the names'],
};

test('a session passes on what names, discovery, the join and advice say', async () => {
  const [whole, half] = [connection({ id: 1 }), connection({ id: 2 })];
  const snapshot = await firstValueFrom(
    liveSnapshots({
      discovery: {
        origin: 'the origin',
        discovered$: of({
          targets: [{ key: 'kflow/agent', node: 'node1', namespace: 'kflow', pod: 'agent', dial: () => NEVER_DIALED }],
          error: 'of the discovery',
          notices: ['of the agents'],
        }),
      },
      names: NAMES,
      correlate: () => ({ connections: [whole], held: [half] }),
      watch: () => NEVER,
      hints: (agents) => agents.map(({ key }) => `advice for ${key}`),
    }),
  );
  const { at, agents, ...said } = snapshot;
  assert.ok(at > 0);
  assert.partialDeepStrictEqual(agents, [{ key: 'kflow/agent', node: 'node1', namespace: 'kflow', pod: 'agent' }]);
  assert.deepEqual(said, {
    origin: 'the origin',
    connections: [whole],
    held: [half],
    notices: ['of the names', 'of the agents', 'advice for kflow/agent'],
    missingNames: ['of the names'],
    agentNotices: ['of the agents'],
    namesPending: true,
    servicesWithoutEndpoints: ['shop/idle'],
    localGaps: [{ service: 'shop/near', nodes: ['node2'] }],
    discoveryError: 'of the discovery',
  } satisfies Omit<Snapshot, 'at' | 'agents'>);
});

const NEVER_DIALED = new Promise<never>(() => {});

/** Every member. One that is added to snapshots is missed by the compiler here. */
const WHOLE: Required<Snapshot> = {
  at: Date.UTC(2026, 0, 1),
  origin: 'the origin',
  agents: [AGENT],
  connections: [connection({ id: 1 })],
  held: [connection({ id: 2 })],
  notices: ['a notice'],
  missingNames: ['a name'],
  agentNotices: ['an agent'],
  namesPending: true,
  servicesWithoutEndpoints: ['shop/idle'],
  localGaps: [{ service: 'shop/near', nodes: ['node2'] }],
  discoveryError: 'a problem',
};

test('marking what is unanswered changes connections, and nothing else', () => {
  const asking = connection({
    id: 1,
    replied: false,
    protocol: 17,
    destinationPort: 53,
    firstSeenAt: WHOLE.at - 6_000,
  });
  for (const connections of [WHOLE.connections, [asking]]) {
    const { connections: _, ...marked } = withUnanswered({ ...WHOLE, connections });
    const { connections: __, ...rest } = WHOLE;
    assert.deepEqual(marked, rest);
  }
});

test('a recording gives back every member of a snapshot but those that are held back', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-contract-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'recording');
  const recorder = new Recorder();
  const bytes = [recorder.begin({ writer: 'test', startedAt: WHOLE.at }), recorder.take(WHOLE, 0), recorder.end(1_000)];
  writeFileSync(path, Buffer.concat(bytes));
  const io = {
    stdout() {},
    stderr() {},
    flushed: async () => {},
    signal: new AbortController().signal,
    env: {},
    program: 'kflow',
    isTerminal: false,
  };
  const source = await openSession({ recording: path }, io);
  for (const snapshots$ of [source.snapshots$, source.first$ ?? NEVER]) {
    const { held, origin: _, ...expected } = WHOLE;
    assert.ok(held.length > 0);
    const { origin, ...read } = await firstValueFrom(snapshots$);
    assert.equal(origin, 'the origin');
    assert.deepEqual(read, expected);
  }
  await source.close();
});
