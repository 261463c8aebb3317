import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS, type Diagnosis, diagnose } from '../../../../src/client/doctor/diagnose.ts';
import type { ClusterFacts, Facts, Plugin } from '../../../../src/client/doctor/facts.ts';
import { shellText } from '../../../../src/client/format/shell-command.ts';
import { each } from '../../../each.ts';
import { ABOUT, agentWith, CLUSTER, facts, POLL, wellAgent } from './facts.ts';

/** As it is shown: where or by whom, and the command. */
function shown({ command }: Diagnosis): string {
  if (command === undefined) return '';
  return `${command.where === undefined ? '' : `${command.where}: `}${shellText(command.commands, command.nodes)}`;
}

function cluster(over: Partial<ClusterFacts>): Partial<Facts> {
  return { cluster: { ...CLUSTER, ...over } };
}

function local(over: Partial<Facts>): Partial<Facts> {
  const { cluster: _, ...rest } = facts();
  return { ...rest, mode: 'local', ...over };
}

function plugin(name: Plugin['name'], settings?: Record<string, string>): Partial<Facts> {
  const found = { name, namespace: 'kube-system', ...(settings === undefined ? {} : { settings }) };
  return cluster({ network: { kind: 'seen', plugins: [found] } });
}

test('all is well: each check says so, once', () => {
  const found = diagnose(facts());
  assert.deepEqual(
    found.map(({ check, level }) => `${check} ${level}`),
    CHECKS.map(({ id }) => `${id} ok`),
  );
});

test('ids are those of JSON, and none twice', () => {
  const ids = CHECKS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(each(ids, (id) => /^[a-z-]+$/.test(id)));
});

const NO_PODS = { verb: 'list', resource: 'pods', required: true };
const NO_FORWARD = { verb: 'create', resource: 'pods/portforward', namespace: 'kflow', required: true };
const NO_NODES = { verb: 'list', resource: 'nodes', required: false };
const BYPASSING = { 'kube-proxy-replacement': 'true', 'enable-bpf-masquerade': 'true' };

const REFUSED = agentWith({ path: '', unavailableReason: '/host/proc/1/net/nf_conntrack: EACCES: permission denied' });
/** Whose nodes this user may not list. */
const { nodes: _, ...UNLISTED } = CLUSTER;

/** What is wrong, the check that tells of it, its level, what it says, and what to type next. */
type Case = [string, Partial<Facts>, string, 'ok' | 'warning' | 'failure', RegExp, RegExp?];

const FAULTS: readonly Case[] = [
  [
    'no kubeconfig',
    { cluster: { unusable: 'no ~/.kube/config', missing: [] }, agents: [] },
    'kubeconfig',
    'failure',
    /^no ~/,
    /kubectl config get-contexts/,
  ],
  [
    'API server away',
    { cluster: { context: 'c', unreachable: 'refused', missing: [] }, agents: [] },
    'api-server',
    'failure',
    /^refused$/,
    /kubectl version/,
  ],
  [
    'may not list pods',
    cluster({ missing: [NO_PODS] }),
    'permissions',
    'failure',
    /not allowed to list pods in all namespaces$/,
    /^kubectl create clusterrole kflow-list-pods:jane --verb=list --resource=pods && kubectl create clusterrolebinding kflow-list-pods:jane --clusterrole=kflow-list-pods:jane --user=jane$/,
  ],
  [
    'may not forward',
    cluster({ missing: [NO_FORWARD] }),
    'permissions',
    'failure',
    /create pods\/portforward in namespace kflow/,
    /^kubectl create role kflow-create-pods-portforward:jane -n kflow --verb=create --resource=pods\/portforward && kubectl create rolebinding .* -n kflow --role=/,
  ],
  [
    'may not list nodes',
    cluster({ missing: [NO_NODES] }),
    'permissions',
    'warning',
    /list nodes in the cluster: addresses of nodes have no names/,
    /clusterrole/,
  ],
  [
    'Cilium past conntrack',
    plugin('cilium', BYPASSING),
    'network',
    'warning',
    /Cilium’s eBPF datapath forwards pods’ traffic past conntrack/,
    /^kubectl exec -n kube-system ds\/cilium -c cilium-agent -- cilium-dbg status --verbose$/,
  ],
  [
    'Cilium without tracking',
    plugin('cilium', { 'install-no-conntrack-iptables-rules': 'true' }),
    'network',
    'warning',
    /past conntrack.*hubble/,
    /cilium-dbg status/,
  ],
  ['Cilium, not readable', plugin('cilium'), 'network', 'warning', /may not be read/, /cilium-dbg status/],
  [
    'Cilium, legacy routing',
    plugin('cilium', { ...BYPASSING, 'enable-host-legacy-routing': 'true' }),
    'network',
    'ok',
    /host’s stack; it replaces kube-proxy/,
  ],
  [
    'Cilium beside kube-proxy',
    plugin('cilium', { 'kube-proxy-replacement': 'false' }),
    'network',
    'ok',
    /^Cilium, by way of the host’s stack$/,
  ],
  ['Calico in eBPF', plugin('calico', { bpfEnabled: 'true' }), 'network', 'warning', /Calico’s eBPF/, /calico-node/],
  ['Calico', plugin('calico', { bpfEnabled: 'false' }), 'network', 'ok', /conntrack/],
  [
    'network unseen',
    cluster({ network: { kind: 'unseen', reason: 'not allowed' } }),
    'network',
    'warning',
    /is not known: not allowed/,
    /kubectl get pods -A/,
  ],
  [
    'no agents, as far as one may see',
    { agents: [], discoveryError: 'not allowed', cluster: { ...CLUSTER, missing: [NO_PODS] } },
    'agents',
    'failure',
    /^not allowed/,
    /^$/,
  ],
  [
    'no agents',
    { agents: [], discoveryError: 'No agents in this cluster' },
    'agents',
    'failure',
    /^No agents/,
    /^kflow install --wait$/,
  ],
  [
    'the only agent lost',
    { agents: [wellAgent('a', { status: { kind: 'lost', reason: 'gone', retryAt: 0 } })] },
    'agents',
    'failure',
    /^a: lost: gone/,
    /^kubectl logs -n kflow agent-a --tail=20$/,
  ],
  [
    'one agent stale',
    { agents: [wellAgent(), wellAgent('b', { status: { kind: 'stale', reason: 'silent' } })] },
    'agents',
    'warning',
    /^b: stale: silent/,
    /logs -n kflow agent-b/,
  ],
  [
    'a node without an agent',
    cluster({ nodes: [{ name: 'node1' }, { name: 'node2' }] }),
    'agents',
    'warning',
    /no agent on node2/,
    /^kubectl get daemonsets,pods -n kflow -o wide$/,
  ],
  [
    'a node of the control plane without an agent, where others have one',
    cluster({
      nodes: [
        { name: 'node1', isControlPlane: true },
        { name: 'cp2', isControlPlane: true },
      ],
    }),
    'agents',
    'warning',
    /no agent on cp2/,
    /^kubectl get daemonsets,pods -n kflow -o wide$/,
  ],
  [
    'two agents on a node',
    { agents: [wellAgent(), { ...wellAgent(), key: 'x', namespace: 'kflow-x' }] },
    'agents',
    'warning',
    /node1: more than one agent, in namespaces kflow, kflow-x/,
    /^kubectl get pods -A -l app=kflow-daemon -o wide$/,
  ],
  [
    'another version',
    { agents: [agentWith({ version: '0.9.0' })] },
    'versions',
    'warning',
    /0\.9\.0 on node1, but this is kflow 1\.2\.3/,
    /^kflow install -n kflow --image localhost:5000\/kflow-daemon:1\.2\.3 --wait$/,
  ],
  [
    'no table',
    { agents: [agentWith({ path: '', unavailableReason: 'none of 6 can be read' })] },
    'table',
    'failure',
    /node1: no conntrack table: none of 6/,
    /^kubectl debug node\/node1 -n kflow -it --image=busybox --profile=sysadmin -- chroot \/host modprobe nf_conntrack$/,
  ],
  ...(
    [
      [{ hostUsers: false, group: 0 }, /user namespace \(hostUsers: false\)/, ''],
      [{ group: 1000 }, /runs with group 1000, and the table is for group 0/, ''],
      [{ group: 0 }, /SELinux may refuse it \(RHEL, RKE2\)$/, ' --selinux-type spc_t'],
    ] as const
  ).map(
    ([install, words, options]): Case => [
      `a table that is refused: ${JSON.stringify(install)}`,
      {
        agents: [REFUSED],
        cluster: { ...CLUSTER, installs: { kflow: { image: 'localhost:5000/kflow-daemon:1.2.2', ...install } } },
      },
      'table',
      'failure',
      words,
      new RegExp(`^kflow install -n kflow --image localhost:5000/kflow-daemon:1\\.2\\.3${options} --wait$`),
    ],
  ),
  [
    'a table that SELinux may refuse, on OpenShift',
    {
      agents: [REFUSED],
      cluster: { ...CLUSTER, nodes: [{ name: 'node1', isOpenShift: true }] },
    },
    'table',
    'failure',
    /SELinux may refuse it \(OpenShift\)$/,
    /^kflow install -n kflow --image localhost:5000\/kflow-daemon:1\.2\.3 --openshift --wait$/,
  ],
  [
    'a table that SELinux may refuse, where the nodes are not for this user to see',
    { agents: [REFUSED], cluster: UNLISTED },
    'table',
    'failure',
    /SELinux may refuse it \(RHEL, RKE2; on OpenShift install with --openshift in the place of --selinux-type\)$/,
    /--selinux-type spc_t --wait$/,
  ],
  [
    'an old agent, installed with a SELinux type and not on the control plane',
    {
      agents: [agentWith({ version: '0.9.0' })],
      cluster: {
        ...CLUSTER,
        nodes: [{ name: 'node1' }, { name: 'cp1', isControlPlane: true }],
        installs: { kflow: { image: 'localhost:5000/kflow-daemon:1.2.2', selinuxType: 'kflow_t' } },
      },
    },
    'versions',
    'warning',
    /0\.9\.0 on node1/,
    /--image localhost:5000\/kflow-daemon:1\.2\.3 --selinux-type kflow_t --no-control-plane --wait$/,
  ],
  [
    'an old agent that was installed with a table and a source',
    {
      agents: [agentWith({ version: '0.9.0' })],
      cluster: {
        ...CLUSTER,
        installs: {
          kflow: { image: 'localhost:5000/kflow-daemon:1.2.2', conntrack: '/run/ct', source: 'procfs' },
        },
      },
    },
    'versions',
    'warning',
    /0\.9\.0 on node1/,
    /--image localhost:5000\/kflow-daemon:1\.2\.3 --conntrack \/run\/ct --wait$/,
  ],
  [
    'an old agent whose table is no path for a command',
    {
      agents: [agentWith({ version: '0.9.0' })],
      cluster: {
        ...CLUSTER,
        installs: { kflow: { image: 'localhost:5000/kflow-daemon:1.2.2', conntrack: '/run/$(id)' } },
      },
    },
    'versions',
    'warning',
    /0\.9\.0 on node1/,
    /^kubectl get daemonsets -n kflow -o yaml$/,
  ],
  [
    'netlink without its capability',
    {
      agents: [
        agentWith({
          path: '',
          unavailableReason: 'no conntrack table can be read (netlink: EPERM: requires NET_ADMIN)',
        }),
      ],
      cluster: CLUSTER,
    },
    'table',
    'failure',
    /requires NET_ADMIN\)$/,
  ],
  [
    'a kernel without procfs',
    {
      agents: [
        agentWith({
          path: '',
          unavailableReason: 'no conntrack table can be read (/host/proc/1/net/nf_conntrack: ENOENT: no such file)',
        }),
      ],
    },
    'source',
    'warning',
    /^node1: its kernel has no nf_conntrack in procfs: kflow sees nothing there; netlink reads it, by a second pod per node/,
    /^kflow install -n kflow --image localhost:5000\/kflow-daemon:1\.2\.3 --source netlink --wait$/,
  ],
  [
    'a large table on an old kernel',
    {
      agents: [agentWith({ entries: 61_200, maxEntries: 262_144 })],
      cluster: { ...CLUSTER, nodes: [{ name: 'node1', kernel: '5.15.0-91-generic' }] },
    },
    'source',
    'warning',
    /^node1: kernel 5\.15\.0-91-generic reads a table of 61200 entries in quadratic time/,
    /--source netlink --wait$/,
  ],
  [
    'no table here',
    local({
      agents: [agentWith({ unavailableReason: 'x' }, { status: { kind: 'lost', reason: 'x', retryAt: 0 } })],
      machine: { program: 'kflow', asRoot: 'sudo kflow --local', platform: 'linux', isRoot: false, hasTable: true },
    }),
    'table',
    'failure',
    /requires root/,
    /^sudo \/usr\/bin\/node \/opt\/kflow\/main\.js --local$/,
  ],
  [
    'no table here, and a kernel without the file',
    local({
      agents: [agentWith({ unavailableReason: 'x' }, { status: { kind: 'lost', reason: 'x', retryAt: 0 } })],
      machine: { program: 'kflow', asRoot: 'sudo kflow --local', platform: 'linux', isRoot: false, hasTable: false },
    }),
    'table',
    'failure',
    /Root reads conntrack by netlink/,
    /^sudo \/usr\/bin\/node \/opt\/kflow\/main\.js --local$/,
  ],
  [
    'nothing understood',
    { agents: [agentWith({}, { flows: 0, poll: { ...POLL, unparsedLines: 7 } })] },
    'table',
    'failure',
    /^node1: no line of .* is one of a conntrack table \(7 lines\)$/,
    /CONNTRACK_PATH/,
  ],
  [
    'nothing tracked',
    { agents: [agentWith({}, { flows: 0 })] },
    'table',
    'warning',
    /node1: the kernel tracks no connections/,
    /nft list ruleset/,
  ],
  [
    'nothing tracked here',
    local({ agents: [agentWith({}, { flows: 0 })] }),
    'table',
    'warning',
    /tracks no connections/,
    /^nft 'table inet kflow/,
  ],
  [
    'accounting off',
    { agents: [agentWith({ accounting: 'off' })] },
    'accounting',
    'warning',
    /off on node1/,
    /^kubectl debug node\/node1 .* -- sysctl -w net\.netfilter\.nf_conntrack_acct=1$/,
  ],
  [
    'accounting off here',
    local({ agents: [agentWith({ accounting: 'off' })] }),
    'accounting',
    'warning',
    /off/,
    /^sysctl -w net\.netfilter\.nf_conntrack_acct=1$/,
  ],
  [
    'accounting unknown',
    { agents: [agentWith({ accounting: 'unknown' })] },
    'accounting',
    'warning',
    /not known on node1/,
    /sysctl net/,
  ],
  [
    'time stamps off',
    { agents: [agentWith({ timestamping: 'off' }), wellAgent('b')] },
    'timestamps',
    'warning',
    /off on node1: ages/,
    /nf_conntrack_timestamp=1/,
  ],
  [
    'table nearly full',
    { agents: [agentWith({ entries: 850 })] },
    'table-fill',
    'warning',
    /85% of 1000/,
    /nf_conntrack_max=2000/,
  ],
  ['table full', { agents: [agentWith({ entries: 1000 })] }, 'table-fill', 'failure', /100% of 1000/],
  [
    'expensive polls',
    { agents: [wellAgent('a', { poll: { ...POLL, durationSeconds: 1.2, intervalSeconds: 12 } })] },
    'poll-cost',
    'warning',
    /a: 1\.2 s every 12 s/,
    /^kubectl set env -n kflow daemonset\/kflow-daemon KFLOW_MAX_DUTY=0\.3$/,
  ],
  [
    'a clock ahead',
    { agents: [wellAgent('node1', { poll: { ...POLL, observedAt: POLL.observedAt + 30_000 } })] },
    'clock',
    'warning',
    /node1: its clock is 30 s ahead of this machine’s/,
    /^date -u && kubectl debug node\/node1 .* -- date -u$/,
  ],
  [
    'a clock far behind',
    { agents: [wellAgent('a', { poll: { ...POLL, observedAt: POLL.observedAt - 3_600_000 } })] },
    'clock',
    'failure',
    /3600 s behind/,
  ],
];

for (const [what, over, check, level, words, next] of FAULTS) {
  test(`${what}: ${check} is ${level}`, () => {
    const found = diagnose(facts(over)).filter((finding) => finding.check === check);
    const reported = found.find((finding) => finding.level === level && words.test(finding.message));
    assert.ok(reported, JSON.stringify(found));
    if (next !== undefined) assert.match(shown(reported), next);
    else if (level === 'ok') assert.equal(reported.command, undefined);
  });
}

test('what cannot be looked at is not spoken of', () => {
  const away = { context: 'c', unreachable: 'refused', missing: [] };
  const checks = diagnose(facts({ cluster: away, agents: [], discoveryError: 'refused' })).map(({ check }) => check);
  assert.deepEqual(checks, ['kubeconfig', 'api-server']);
});

test('several nodes are one command', () => {
  const agents = ['node10', 'node2'].map((node) => wellAgent(node, { info: { ...ABOUT, accounting: 'off', node } }));
  const nodes = [{ name: 'node2' }, { name: 'node10' }];
  const all = diagnose(facts({ agents, cluster: { ...CLUSTER, nodes } }));
  const [found] = all.filter(({ check }) => check === 'accounting');
  assert.match(found ? shown(found) : '', /^for node in node2 node10; do kubectl debug node\/"\$node" .*; done$/);
});

test('agents reached directly: no cluster is spoken of', () => {
  const { cluster: _, ...rest } = facts({ agents: [agentWith({ accounting: 'off', version: '0.1.0' })] });
  const found = diagnose({ ...rest, mode: 'endpoints' });
  assert.ok(each(found, ({ check }) => !['kubeconfig', 'api-server', 'permissions', 'network'].includes(check)));
  assert.ok(
    each(found, (finding) => finding.check === 'versions' || !shown(finding).includes('kubectl')),
    JSON.stringify(found),
  );
});

const LOST = (reason: string) => ({ status: { kind: 'lost', reason, retryAt: 0 } as const });
const NODES = [{ name: 'node1', runtime: 'containerd://2' }, { name: 'node2' }];

for (const [what, over, check, words, next] of [
  [
    'an image that cannot be pulled',
    { agents: [wellAgent('node1', LOST('ErrImagePull: not found'))] },
    'agents',
    /^node1: lost: ErrImagePull/,
    'kubectl describe pod -n kflow agent-node1',
  ],
  [
    'one that is no longer tried',
    { agents: [wellAgent(), wellAgent('node2', LOST('ImagePullBackOff: Back-off'))] },
    'agents',
    /^node2: lost: ImagePullBackOff/,
    'kubectl describe pod -n kflow agent-node2',
  ],
  [
    'an agent that ends again and again',
    { agents: [wellAgent('node1', LOST('CrashLoopBackOff: back-off'))] },
    'agents',
    /CrashLoopBackOff/,
    'kubectl logs -n kflow agent-node1 --tail=20 --previous',
  ],
  [
    'an agent on a node that is not ready',
    {
      agents: [wellAgent('node1', LOST('the API server did not open the port-forward'))],
      cluster: {
        ...CLUSTER,
        nodes: [
          { name: 'node1', notReady: { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' } },
        ],
      },
    },
    'agents',
    /the node is not ready/,
    'on node1: sudo systemctl restart kubelet && sudo systemctl status --no-pager kubelet',
  ],
  [
    'a kubelet that stopped',
    cluster({
      nodes: [
        { name: 'node1', notReady: { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' } },
      ],
    }),
    'nodes',
    /^node1: not ready: its kubelet does not report/,
    'on node1: sudo systemctl restart kubelet && sudo systemctl status --no-pager kubelet',
  ],
  [
    'a containerd that stopped',
    cluster({
      nodes: [
        {
          name: 'node1',
          runtime: 'containerd://2.1.4',
          notReady: { reason: 'KubeletNotReady', message: 'container runtime is down' },
        },
      ],
    }),
    'nodes',
    /^node1: not ready: its container runtime does not answer: container runtime is down/,
    'on node1: sudo systemctl restart containerd && sudo systemctl status --no-pager containerd',
  ],
  [
    'a node without a network',
    cluster({
      nodes: [{ name: 'node1', notReady: { reason: 'KubeletNotReady', message: 'cni plugin not initialized' } }],
    }),
    'nodes',
    /^node1: not ready: KubeletNotReady: cni plugin not initialized/,
    'kubectl describe node node1',
  ],
] as const)
  test(`${what}: it fails, and the command is the one that helps`, () => {
    const found = diagnose(facts(over)).filter((finding) => finding.check === check && words.test(finding.message));
    assert.deepEqual(
      found.map((finding) => [finding.level, shown(finding)]),
      [['failure', next]],
    );
  });

test('each namespace is reported, with what its agents report; nodes and agents are counted apart', () => {
  const elsewhere = (node: string, over = {}) => wellAgent(node, { namespace: 'blue', key: `blue/${node}`, ...over });
  const silent = { info: { ...ABOUT, unavailableReason: 'no table' } };
  const { flows: _, ...unread } = wellAgent('node2');
  const agents = [wellAgent(), { ...unread, ...LOST('gone') }, elsewhere('node1', silent), elsewhere('node2')];
  const found = diagnose(facts({ agents, cluster: { ...CLUSTER, nodes: NODES } }));
  const reported = found.filter(({ check }) => check === 'agents').map(({ level, message }) => `${level}: ${message}`);
  assert.deepEqual(reported, [
    'warning: namespace blue: 2 agents on 2 nodes; 1 of them report a table',
    'warning: namespace kflow: 2 agents on 2 nodes; 1 of them report a table',
    'failure: node2: lost: gone',
    'warning: node1, node2: more than one agent, in namespaces blue, kflow',
  ]);
  assert.ok(!found.some((finding) => /uninstall|delete/.test(shown(finding))), 'nothing is to be removed');
  const twice = diagnose(facts({ agents: [wellAgent(), wellAgent('node1', { key: 'other', pod: 'other' })] }));
  assert.match(twice.find(({ check }) => check === 'table')?.message ?? '', / on node1$/);
});

test('names that no cluster has are not put into a command', () => {
  for (const name of ['$(reboot)', 'a;b', 'A', '--all', 'node1 -- rm']) {
    const agents = [
      wellAgent(name, { info: { ...ABOUT, accounting: 'off' } }),
      wellAgent('node1', { namespace: name, pod: name, key: 'x', ...LOST('gone') }),
    ];
    const nodes = [{ name, notReady: { reason: 'NodeStatusUnknown', message: '' } }];
    for (const finding of diagnose(facts({ agents, cluster: { ...CLUSTER, nodes } })))
      assert.ok(!shown(finding).includes(name), `${finding.message}: ${shown(finding)}`);
  }
  // An agent may claim to be on a node that is there for something else.
  const liar = agentWith({ accounting: 'off' }, { node: 'database-1' });
  const found = diagnose(facts({ agents: [liar] })).find(({ check }) => check === 'accounting');
  assert.deepEqual([found?.level, found?.command], ['warning', undefined]);
});

test('a control plane without agents is what an install can ask for: no warning', () => {
  const nodes = [{ name: 'node1' }, { name: 'cp1', isControlPlane: true as const }];
  const found = diagnose(facts({ cluster: { ...CLUSTER, nodes } })).filter(({ check }) => check === 'agents');
  assert.ok(each(found, ({ level }) => level === 'ok'));
  assert.ok(found.some(({ message }) => message === 'no agent on the control plane: cp1'));
});
