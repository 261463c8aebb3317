import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentState } from '../../src/client/model/agent.ts';
import type { Snapshot } from '../../src/client/model/snapshot.ts';
import { each } from '../each.ts';
import { installAgents, noAgents } from './agents.ts';
import { noWayToNodes, onNode, runHook } from './on-node.ts';
import { Playground } from './playground.ts';
import { Scene } from './scene.ts';
import { Watching } from './watching.ts';

/** An agent that is out of reach is reported so within this time. */
const NOTICED = 10;
/** How long the API server is away. */
const AWAY_MS = 10_000;
const KUBELET = 10_250;

const { KFLOW_TEST_API_SERVER_STOP: STOP = '', KFLOW_TEST_API_SERVER_START: START = '' } = process.env;
const noWayToApiServer =
  !(STOP && START) && 'needs commands that kill and start the API server: set KFLOW_TEST_API_SERVER_STOP and _START';

/** By systemd, or else by hand, with the command line that it had. */
const RESTART_KUBELET = `systemctl restart kubelet 2>/dev/null && exit
pid=$(pgrep -x kubelet | head -n 1)
cd /proc/$pid/cwd
cp /proc/$pid/cmdline /tmp/kubelet-cmdline
kill -KILL $pid
while kill -0 $pid 2>/dev/null; do sleep 0.1; done
setsid xargs -0 -a /tmp/kubelet-cmdline env </dev/null >>/tmp/kubelet.log 2>&1 &`;

/** Drops what comes to the kubelet: the way is half open, and nobody is reported. */
const FREEZE = `nft 'table inet kflow_test { chain in { type filter hook input priority -300; tcp dport ${KUBELET} drop; }; }'`;
const THAW = 'nft delete table inet kflow_test';

describe('faults', { skip: noAgents, timeout: 400_000 }, () => {
  let playground: Playground;
  let scene: Scene;
  let nodes: string[];
  let watching: Watching;
  before(async () => {
    playground = new Playground();
    await playground.open();
    nodes = (await playground.nodes()).map(({ name }) => name);
    scene = new Scene(playground);
    await Promise.all([installAgents(playground), scene.open()]);
  });
  after(() => playground?.close());
  beforeEach(async () => {
    watching = await Watching.open(playground.namespace, scene.cases);
    await watching.untilWhole(nodes);
  });
  afterEach(() => watching.close());

  const agentOn = async (node: string) => {
    const { core, namespace } = playground;
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=kflow-daemon' });
    const pod = items.find(({ spec }) => spec?.nodeName === node);
    if (pod === undefined) throw new Error(`no agent on ${node}`);
    return pod;
  };

  /** The second node's agent goes: that is seen in time, while the others poll on; then all is as before. */
  async function bears(victim: string, isGone: (agent: AgentState) => boolean, mend = async () => {}): Promise<void> {
    const since = Date.now();
    await watching.until(`${victim} is reported to be out of reach`, NOTICED, ({ agents }) =>
      each(
        agents.filter(({ node }) => node === victim),
        isGone,
      ),
    );
    const others = ({ agents }: Snapshot) => agents.filter(({ node }) => node !== victim);
    await watching.until('the others continue', NOTICED, (snapshot) =>
      each(others(snapshot), ({ status, poll }) => status.kind === 'live' && (poll?.observedAt ?? 0) > since + 1000),
    );
    await mend();
    await watching.untilWhole(nodes);
    assert.deepEqual(watching.wrong, []);
  }
  const isOut = ({ status }: AgentState) => status.kind !== 'live';

  it('an agent pod that is deleted', async () => {
    const victim = nodes[1] ?? '';
    const { metadata } = await agentOn(victim);
    await playground.core.deleteNamespacedPod({ name: metadata?.name ?? '', namespace: playground.namespace });
    await bears(victim, (agent) => isOut(agent) || agent.pod !== metadata?.name);
  });

  it('an agent that is killed', { skip: noWayToNodes }, async () => {
    const victim = nodes[1] ?? '';
    const { status } = await agentOn(victim);
    const container = status?.containerStatuses?.[0]?.containerID?.replace(/^.*:\/\//, '') ?? '';
    const kill = `for p in /proc/[0-9]*; do if grep -q ${container} $p/cgroup 2>/dev/null; then kill -KILL \${p#/proc/}; fi; done`;
    await onNode(playground, victim, ['sh', '-c', kill]);
    await bears(victim, isOut);
  });

  it('a kubelet that is restarted', { skip: noWayToNodes }, async () => {
    const victim = nodes[1] ?? '';
    await onNode(playground, victim, ['sh', '-c', RESTART_KUBELET]);
    await bears(victim, isOut);
  });

  it('a tunnel that is frozen', { skip: noWayToNodes }, async (t) => {
    const victim = nodes[1] ?? '';
    const thaw = () => onNode(playground, victim, ['sh', '-c', THAW]);
    await onNode(playground, victim, ['sh', '-c', FREEZE]);
    t.after(() => thaw().catch(() => {}));
    await bears(victim, isOut, async () => {
      await thaw();
    });
  });

  it('an API server that is killed, and comes back', { skip: noWayToApiServer }, async () => {
    await runHook(STOP);
    const stopped = Date.now();
    try {
      await watching.until('all agents are reported to be out of reach', NOTICED, ({ agents }) => agents.every(isOut));
      const { connections } = await watching.until('what was known stays', NOTICED, () => true);
      for (const { name, sourcePort } of scene.cases) {
        const rows = connections.filter((connection) => connection.sourcePort === sourcePort);
        assert.deepEqual(
          rows.map(({ stale }) => stale),
          [true],
          name,
        );
      }
      await delay(Math.max(0, stopped + AWAY_MS - Date.now()));
    } finally {
      await runHook(START);
    }
    await watching.untilWhole(nodes);
    assert.deepEqual(watching.wrong, []);
  });
});
