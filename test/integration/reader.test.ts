/** The shipped reader in a node's network, and the shipped agent in one of its own, as two pods of a node run. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { each } from '../each.ts';
import { type AgentOptions, LabAgent } from '../lab/agent.ts';
import { entryOf, listConntrack } from '../lab/conntrack.ts';
import { everyKind, insertEveryKind } from '../lab/every-kind.ts';
import { makeFolder } from '../lab/folder.ts';
import { NetworkNamespace } from '../lab/namespace.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { assertSameEntries } from '../lab/same-entries.ts';
import { until } from '../lab/until.ts';

const skip = labUnavailable() ?? false;
const READER = fileURLToPath(new URL('../../src/agent/reader.ts', import.meta.url));
/** As the manifests have it: no capability but one, and none at all. */
const READER_USER = ['setpriv', '--bounding-set', '-all,+net_admin', '--inh-caps', '-all'];
const AGENT_USER = [
  'setpriv',
  '--reuid=20050',
  '--regid=0',
  '--clear-groups',
  '--bounding-set',
  '-all',
  '--inh-caps',
  '-all',
];

interface Reader {
  readonly process: ChildProcess;
  log: string;
}

interface Lab {
  /** The node's network, with the table. */
  readonly node: NetworkNamespace;
  /** The agent's pod's. */
  readonly pod: NetworkNamespace;
  readonly socket: string;
  startReader(environment?: Readonly<Record<string, string>>, network?: NetworkNamespace): Promise<Reader>;
  startAgent(options?: Partial<AgentOptions>): Promise<LabAgent>;
}

async function lab(t: TestContext): Promise<Lab> {
  const [node, pod] = [await NetworkNamespace.create('node'), await NetworkNamespace.create('pod')];
  t.after(() => Promise.all([node.close(), pod.close()]));
  await node.sysctl({ 'netfilter.nf_conntrack_acct': 1 });
  await insertEveryKind(node);
  const folder = makeFolder();
  chmodSync(folder, 0o755);
  const socket = join(folder, 'run', 'reader.sock');
  return {
    node,
    pod,
    socket,
    async startReader(environment = {}, network = node) {
      const [command = '', ...args] = [...READER_USER, process.execPath, READER, '--socket', socket];
      const child = network.spawn(command, args, {
        stdio: ['ignore', 'inherit', 'pipe'],
        env: { ...process.env, ...environment },
      });
      t.after(() => child.kill('SIGKILL'));
      const reader: Reader = { process: child, log: '' };
      child.stderr?.on('data', (piece) => {
        reader.log += piece;
      });
      await until('the reader serves', 10_000, () => assert.match(reader.log, /serving netlink/));
      return reader;
    },
    async startAgent(options = {}) {
      const own = makeFolder();
      chownSync(own, 20_050, 0);
      const agent = await LabAgent.start(pod, {
        folder: own,
        interval: '200ms',
        wrapper: AGENT_USER,
        ...options,
        environment: { KFLOW_READER_SOCKET: socket, KFLOW_SOURCE: 'netlink', ...options.environment },
      });
      t.after(() => agent.stop());
      return agent;
    },
  };
}

describe('kflow-reader and kflow-agent', { skip }, () => {
  it('the agent, with no capability and in another network, serves what `conntrack -L` lists on the node', async (t) => {
    const { node, socket, startReader, startAgent } = await lab(t);
    await startReader();
    const agent = await startAgent();
    const watch = agent.watch();
    await until('a snapshot', 10_000, () => assert.equal(watch.flows.length, everyKind().length));
    assertSameEntries(
      watch.flows.map((flow) => entryOf(flow, Date.now())),
      await listConntrack(node),
    );
    const about = await agent.about();
    assert.deepEqual(
      [about.source, about.path, about.sourceReason, about.accounting, about.entries],
      [
        'netlink',
        socket,
        'the socket of the node’s kflow-reader is mounted'.replace('’', "'"),
        'on',
        everyKind().length,
      ],
    );
    assert.ok((about.maxEntries ?? 0) > 0 && about.counters?.insertFailed !== undefined);
    assert.doesNotMatch(agent.log, /allow-addons/);
  });

  it('without a reader the agent is not ready, and says why; when one comes, goes, hangs and comes again, it recovers by itself', async (t) => {
    const { startReader, startAgent, socket } = await lab(t);
    const first = await startReader();
    first.process.kill('SIGTERM');
    await until('the reader takes its socket with it', 5_000, () => assert.ok(!existsSync(socket)));
    const agent = await startAgent();
    assert.match(
      (await agent.about()).unavailableReason ?? '',
      /reader\.sock: there is no reader: look at the kflow-reader pod/,
    );
    const second = await startReader();
    const hasTable = () =>
      until('a table', 15_000, async () => assert.equal((await agent.about()).unavailableReason, undefined));
    const hasNone = (why: RegExp) =>
      until('no table', 20_000, async () => assert.match((await agent.about()).unavailableReason ?? '', why));
    await hasTable();
    const watch = agent.watch();
    await until('a snapshot', 10_000, () => assert.equal(watch.flows.length, everyKind().length));
    // It hangs: the connection is taken by the kernel, and nothing comes.
    second.process.kill('SIGSTOP');
    await hasNone(/the reader sent nothing for 5s/);
    second.process.kill('SIGCONT');
    await hasTable();
    // Killed, it leaves its socket behind.
    second.process.kill('SIGKILL');
    await hasNone(/the reader does not run/);
    assert.ok(existsSync(socket));
    await startReader();
    await hasTable();
    const again = agent.watch();
    await until('a snapshot again', 10_000, () => assert.equal(again.flows.length, everyKind().length));
  });

  it('a reader in another network than the node’s serves nothing, and says why', async (t) => {
    const { pod, startReader, startAgent } = await lab(t);
    const reader = await startReader({ KUBE_HOST_IP: '192.0.2.77' }, pod);
    const agent = await startAgent();
    const { unavailableReason = '' } = await agent.about();
    assert.match(
      unavailableReason,
      /reader\.sock: the reader is not in the node's network: it has no interface with the node's address 192\.0\.2\.77 \(the pod needs hostNetwork: true\)/,
    );
    assert.match(reader.log, /not in the node's network/);
  });

  it('accounting is switched on where it is asked for, in the node’s network alone, and the agent says so', async (t) => {
    const { node, pod, startReader, startAgent } = await lab(t);
    await node.sysctl({ 'netfilter.nf_conntrack_acct': 0 });
    const reader = await startReader({ KFLOW_ACCOUNTING: '1' });
    assert.match(reader.log, /switched on net\.netfilter\.nf_conntrack_acct on this node/);
    const agent = await startAgent();
    const about = await agent.about();
    assert.deepEqual([about.accounting, about.timestamping], ['on', 'off']);
    assert.match(about.sourceReason ?? '', /which switched on accounting$/);
    const read = async (namespace: NetworkNamespace) => {
      const child = namespace.spawn('cat', ['/proc/sys/net/netfilter/nf_conntrack_acct'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      for await (const piece of child.stdout ?? []) text += piece;
      return text.trim();
    };
    assert.deepEqual([await read(node), await read(pod)], ['1', '0']);
  });

  it('many agents at once, and clients that send nothing: each agent gets the whole table', async (t) => {
    const { startReader, startAgent } = await lab(t);
    await startReader();
    const agents = await Promise.all([1, 2, 3].map(() => startAgent()));
    const watches = agents.map((agent) => agent.watch());
    await until('all have it', 15_000, () =>
      assert.ok(each(watches, ({ flows }) => flows.length === everyKind().length)),
    );
    await delay(1_000);
    for (const agent of agents) assert.equal((await agent.about()).unavailableReason, undefined);
  });
});
