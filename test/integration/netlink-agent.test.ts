/** The shipped programs over netlink: which source they choose, in whose network, and what they do where it fails. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type AgentOptions, LabAgent } from '../lab/agent.ts';
import { entryOf, insertEntries, listConntrack } from '../lab/conntrack.ts';
import { everyKind } from '../lab/every-kind.ts';
import { makeFolder } from '../lab/folder.ts';
import { NetworkNamespace } from '../lab/namespace.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { assertSameEntries } from '../lab/same-entries.ts';
import { until } from '../lab/until.ts';

const skip = labUnavailable() ?? false;
const KFLOW = fileURLToPath(new URL('../../src/client/main.ts', import.meta.url));
const NO_NET_ADMIN = ['setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-all'];

async function namespaceWith(t: TestContext, name: string, entries: readonly string[]): Promise<NetworkNamespace> {
  const namespace = await NetworkNamespace.create(name);
  t.after(() => namespace.close());
  await namespace.sysctl({ 'netfilter.nf_conntrack_acct': 1 });
  await insertEntries(
    namespace,
    entries.map((entry, i) => `${entry} -t ${600 + i}`),
  );
  return namespace;
}

async function agentIn(t: TestContext, namespace: NetworkNamespace, options: Partial<AgentOptions>): Promise<LabAgent> {
  const agent = await LabAgent.start(namespace, { folder: makeFolder(), interval: '200ms', ...options });
  t.after(() => agent.stop());
  return agent;
}

const ONE = '-p udp -s 10.0.0.1 -d 10.0.0.2 --sport 1 --dport 2';

describe('kflow-agent by netlink', { skip }, () => {
  it('serves what `conntrack -L` lists, and describes itself and the kernel', async (t) => {
    const namespace = await namespaceWith(t, 'netlink', everyKind());
    const agent = await agentIn(t, namespace, { environment: { KFLOW_SOURCE: 'netlink', KFLOW_DEBUG: '1' } });
    const watch = agent.watch();
    await until('a snapshot', 10_000, () => assert.equal(watch.flows.length, everyKind().length));
    assertSameEntries(
      watch.flows.map((flow) => entryOf(flow, Date.now())),
      await listConntrack(namespace),
    );
    const about = await agent.about();
    assert.deepEqual(
      [about.source, about.path, about.sourceReason, about.entries, about.accounting],
      ['netlink', 'netlink', 'KFLOW_SOURCE is netlink', everyKind().length, 'on'],
    );
    assert.deepEqual(about.candidates, [{ path: 'netlink', outcome: 'ok' }]);
    assert.ok((about.maxEntries ?? 0) > 0 && about.counters?.insertFailed !== undefined);
    assert.match(agent.log, /starting again with --permission --allow-addons /);
    assert.match(agent.log, /reading netlink \(KFLOW_SOURCE is netlink\)/);
    // Node's own warnings are not for an operator.
    for (const line of agent.log.trim().split('\n')) assert.match(line, /^kflow-agent: /);
    await insertEntries(namespace, [`${ONE} -t 60`]);
    await until('a new flow', 5_000, () => assert.equal(watch.flows.length, everyKind().length + 1));
  });

  it('is chosen where NET_ADMIN is in effect, and procfs where it is not', async (t) => {
    const namespace = await namespaceWith(t, 'netlink', [ONE]);
    const root = await agentIn(t, namespace, {});
    assert.deepEqual(
      [(await root.about()).source, (await root.about()).sourceReason],
      ['netlink', 'this process has the capability NET_ADMIN'],
    );
    const less = await agentIn(t, namespace, { wrapper: NO_NET_ADMIN, environment: { KFLOW_DEBUG: '1' } });
    const about = await less.about();
    assert.deepEqual([about.source, about.path], ['procfs', '/proc/net/nf_conntrack']);
    assert.match(about.sourceReason ?? '', /does not have the capability NET_ADMIN/);
    assert.doesNotMatch(less.log, /allow-addons/);
    const named = await agentIn(t, namespace, { environment: { CONNTRACK_PATH: namespace.table } });
    assert.deepEqual([(await named.about()).source, (await named.about()).path], ['procfs', namespace.table]);
  });

  it('without the capability says what to do, and serves nothing', async (t) => {
    const namespace = await namespaceWith(t, 'netlink', [ONE]);
    const agent = await agentIn(t, namespace, { wrapper: NO_NET_ADMIN, environment: { KFLOW_SOURCE: 'netlink' } });
    const { unavailableReason = '', source } = await agent.about();
    assert.equal(source, 'unknown');
    assert.match(
      unavailableReason,
      /^no conntrack table can be read \(netlink: EPERM: .*NET_ADMIN.*KFLOW_SOURCE=procfs\)\)$/,
    );
    assert.ok(!unavailableReason.includes('\n'));
  });

  it('without koffi reads procfs, and says why; and where there is no other way, what to do', async (t) => {
    const namespace = await namespaceWith(t, 'netlink', [ONE]);
    const hook =
      'import { registerHooks } from "node:module"; registerHooks({ resolve(name, context, next) { if (name === "koffi") throw new Error("Cannot find package koffi"); return next(name, context); } });';
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(hook)}`;
    const agent = await agentIn(t, namespace, { environment: { NODE_OPTIONS } });
    const { source, sourceReason = '' } = await agent.about();
    assert.equal(source, 'procfs');
    assert.match(sourceReason, /^netlink: the package koffi.*Cannot find package koffi.*npm install koffi/);
    const only = await agentIn(t, namespace, { environment: { NODE_OPTIONS, KFLOW_SOURCE: 'netlink' } });
    assert.match((await only.about()).unavailableReason ?? '', /netlink: the package koffi.*KFLOW_SOURCE=procfs/);
  });
});

/** A folder of the root, for the time of a test: to mount something on, in a mount namespace of its own. */
function hostFolder(t: TestContext): void {
  if (existsSync('/host')) return;
  mkdirSync('/host');
  t.after(() => rmdirSync('/host'));
}

/** Starts a program with the network files of `node` mounted as in a pod: all of them, some but the table, or none. */
function withNodeFiles(node: NetworkNamespace, which: 'all' | 'no table' | 'none' = 'all'): string[] {
  const net = `/proc/${node.pid}/net`;
  const mounts = {
    all: `mount --bind ${net} /host/proc/1/net`,
    'no table': `for f in dev fib_trie if_inet6; do touch /host/proc/1/net/$f && mount --bind ${net}/$f /host/proc/1/net/$f; done`,
    none: ':',
  }[which];
  const script = `set -e; mount -t tmpfs none /host; mkdir -p /host/proc/1/net; ${mounts}; exec "$@"`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'];
}

describe('the network of the table', { skip }, () => {
  it("is the node's where its files are mounted, never the agent's own", async (t) => {
    hostFolder(t);
    const node = await namespaceWith(t, 'node', [ONE, '-p udp -s 10.0.0.3 -d 10.0.0.4 --sport 1 --dport 2']);
    const pod = await namespaceWith(t, 'pod', [ONE]);
    const agent = await agentIn(t, pod, { wrapper: withNodeFiles(node) });
    const about = await agent.about();
    assert.deepEqual([about.source, about.path], ['procfs', '/host/proc/1/net/nf_conntrack']);
    assert.match(about.sourceReason ?? '', /network namespace is not the node's/);
    const watch = agent.watch();
    await until("the node's flows", 5_000, () => assert.equal(watch.flows.length, 2));

    for (const which of ['no table', 'none'] as const) {
      const blind = await agentIn(t, pod, { wrapper: withNodeFiles(node, which) });
      const { unavailableReason = '', candidates } = await blind.about();
      assert.match(unavailableReason, /no conntrack table can be read/);
      assert.deepEqual([...new Set(candidates.map(({ path }) => path.replace(/[^/]+$/, '')))], ['/host/proc/1/net/']);
    }

    const asked = await agentIn(t, pod, {
      wrapper: withNodeFiles(node, 'no table'),
      environment: { KFLOW_SOURCE: 'netlink' },
    });
    assert.match((await asked.about()).unavailableReason ?? '', /network namespace is not the node's/);
  });

  it('may be read by netlink where it is that of the files that are mounted', async (t) => {
    hostFolder(t);
    const node = await namespaceWith(t, 'node', [ONE]);
    const agent = await agentIn(t, node, { wrapper: withNodeFiles(node, 'no table') });
    const about = await agent.about();
    assert.deepEqual([about.source, about.entries], ['netlink', 1]);
    assert.match(about.sourceReason ?? '', /NET_ADMIN, and the node's network/);
  });

  it("has the node's address", async (t) => {
    hostFolder(t);
    const node = await namespaceWith(t, 'node', [ONE]);
    await node.ip('addr add 192.0.2.77/32 dev lo', 'addr add 2001:db8::77/128 dev lo nodad');
    const pod = await namespaceWith(t, 'pod', [ONE]);
    for (const KUBE_HOST_IP of ['192.0.2.77', '2001:db8::77']) {
      const agent = await agentIn(t, pod, { wrapper: withNodeFiles(node), environment: { KUBE_HOST_IP } });
      assert.equal((await agent.about()).path, '/host/proc/1/net/nf_conntrack');
      const own = await agentIn(t, node, { environment: { KUBE_HOST_IP } });
      assert.equal((await own.about()).source, 'netlink');
      const wrong = await agentIn(t, node, { wrapper: withNodeFiles(pod), environment: { KUBE_HOST_IP } });
      assert.match(
        (await wrong.about()).unavailableReason ?? '',
        new RegExp(
          `/host/proc/1/net/nf_conntrack: PID 1 is not in the node's network, which has the address ${KUBE_HOST_IP}`,
        ),
      );
      const lost = await agentIn(t, pod, { environment: { KUBE_HOST_IP } });
      assert.match((await lost.about()).unavailableReason ?? '', /netlink: this process is not in the node's network/);
    }
  });
});

describe('kflow --local', { skip }, () => {
  it('as root reads netlink in its own process, whatever is mounted', async (t) => {
    hostFolder(t);
    const namespace = await namespaceWith(t, 'local', [ONE]);
    const other = await namespaceWith(t, 'other', []);
    const [command = '', ...args] = withNodeFiles(other);
    const kflow = (...words: string[]) => namespace.run(command, [...args, process.execPath, KFLOW, ...words]);
    const agents = JSON.parse(await kflow('agents', '--local', '-o', 'json'));
    const [agent] = Array.isArray(agents) ? agents : [agents];
    assert.deepEqual(
      [agent.status, agent.source, agent.path, agent.flows, agent.sourceReason],
      ['live', 'netlink', 'netlink', 1, 'this process has the capability NET_ADMIN'],
    );
    const flows = await kflow('flows', '--local', '--once', '-o', 'json');
    assert.match(flows, /"10\.0\.0\.2"/);
    assert.match(await kflow('agents', '--local', '-o', 'wide'), /CHOSEN/);
  });
});
