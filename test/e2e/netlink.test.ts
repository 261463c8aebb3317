/** Both variants on a cluster where one node's kernel has no conntrack table in procfs, as Ubuntu's kernels are. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { each } from '../each.ts';
import { kflow } from '../lab/kflow.ts';
import { AGENT_IMAGE, noAgents } from './agents.ts';
import { KFLOW } from './cli.ts';
import { noWayToNodes, onNode, runHook } from './on-node.ts';
import { Playground } from './playground.ts';
import { Scene } from './scene.ts';
import { Watching } from './watching.ts';

const { KFLOW_TEST_PROCFS: PROCFS = '' } = process.env;
const noProcfsHook =
  !PROCFS &&
  'needs a command that hides and shows a node’s /proc/1/net (`… hide 2`, `… show 2`): set KFLOW_TEST_PROCFS';

interface AgentRow {
  readonly node: string;
  readonly status: string;
  readonly source?: string;
  readonly path?: string;
  readonly accounting?: string;
  readonly reason?: string;
}

/** What a process of another user, or of another pod on the host's network, gets of the reader. */
const KNOCK = `const socket = require('node:net').connect('/run/kflow/reader.sock');
socket.on('connect', () => { console.log('connected'); socket.destroy(); }).on('error', ({ code }) => console.log(code));`;

describe('a node without nf_conntrack in procfs', {
  skip: noAgents || noWayToNodes || noProcfsHook,
  timeout: 400_000,
}, () => {
  let playground: Playground;
  let scene: Scene;
  let nodes: string[];
  let hidden = '';
  const install = (...args: string[]) =>
    kflow('install', '-n', playground.namespace, '--image', AGENT_IMAGE ?? '', ...args);
  const agentRows = async () => {
    const { out } = await kflow('agents', '--agent-namespace', playground.namespace, '-o', 'json');
    return JSON.parse(out) as AgentRow[];
  };
  const readerPid = `pgrep -f '[/]kflow-reader$' | head -n 1`;

  before(async () => {
    playground = new Playground();
    await playground.open();
    nodes = (await playground.nodes()).map(({ name }) => name);
    hidden = nodes[1] ?? '';
    await runHook(`${PROCFS} hide 2`);
    scene = new Scene(playground);
    await scene.open();
  });
  after(async () => {
    if (PROCFS) await runHook(`${PROCFS} show 2`);
    await playground?.close();
  });

  it('procfs: that node’s agent says why it has nothing, in place of 0 flows; install names what netlink would give', async () => {
    const { status, out, err } = await install('--wait');
    assert.equal(status, 1, err);
    assert.match(out, new RegExp(`${nodes.length - 1} of ${nodes.length} nodes have their agent, and it is ready`));
    assert.match(
      err,
      new RegExp(`^${hidden}: no conntrack table can be read \\(/host/proc/1/net/nf_conntrack: ENOENT`, 'm'),
    );
    assert.match(
      err,
      new RegExp(`^${hidden}: its kernel has no nf_conntrack in procfs: kflow sees nothing there$`, 'm'),
    );
    assert.match(
      err,
      /^netlink reads the table on each kernel: `.*install -n .* --source netlink (--accounting )?--wait.*`$/m,
    );
    const rows = await agentRows();
    assert.deepEqual(
      rows.map(({ node, status: is }) => [node, is === 'live']).sort(),
      nodes.map((node) => [node, node !== hidden]).sort(),
    );
    const doctor = await kflow('doctor', '--agent-namespace', playground.namespace);
    assert.match(doctor.out, new RegExp(`^warning +source +${hidden}: its kernel has no nf_conntrack in procfs`, 'm'));
  });

  it('at a terminal it asks, and an answer other than yes changes nothing', async () => {
    const { core, namespace } = playground;
    const pods = async () =>
      (await core.listNamespacedPod({ namespace })).items.map(({ metadata }) => metadata?.name).sort();
    const before = await pods();
    const command = [process.execPath, KFLOW, 'install', '-n', namespace, '--image', AGENT_IMAGE ?? '', '--wait'];
    const { CI: _, ...env } = process.env;
    const terminal = spawn('script', ['-qec', command.join(' '), '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    terminal.stdout.on('data', (piece) => {
      text += piece;
      if (text.includes('[y/N]')) terminal.stdin.write('n\r');
    });
    const [status] = await once(terminal, 'close');
    assert.match(
      text,
      /Use netlink\? This adds a second pod per node with NET_ADMIN and the host network, without a network port\. \[y\/N\]/,
    );
    assert.equal(status, 1, text);
    assert.deepEqual(await pods(), before);
  });

  it('netlink: every node’s flows are right, from both kinds of node', async () => {
    const { status, err, out } = await install('--source', 'netlink', '--accounting', '--wait');
    assert.equal(status, 0, err);
    assert.match(out, /daemonset\.apps\/kflow-reader in namespace .* created/);
    const rows = await agentRows();
    assert.deepEqual(rows.map(({ node }) => node).sort(), [...nodes].sort());
    assert.ok(
      each(rows, ({ status: is, source, path, accounting }) => {
        return is === 'live' && source === 'netlink' && path === '/run/kflow/reader.sock' && accounting === 'on';
      }),
      JSON.stringify(rows),
    );
    const doctor = await kflow('doctor', '--agent-namespace', playground.namespace);
    assert.match(doctor.out, /^ok +source +netlink \(the socket of the node's kflow-reader is mounted/m);
    const watching = await Watching.open(playground.namespace, scene.cases);
    try {
      const { connections } = await watching.untilWhole(nodes);
      assert.deepEqual(watching.wrong, []);
      for (const { name, sourcePort } of scene.cases) {
        const rows = connections.filter((connection) => connection.sourcePort === sourcePort);
        assert.equal(rows.length, 1, name);
      }
    } finally {
      await watching.close();
    }
  });

  it('a later install without --source keeps it', async () => {
    const { status, out, err } = await install('--wait');
    assert.equal(status, 0, err);
    assert.match(out, /daemonset\.apps\/kflow-reader in namespace .* unchanged/);
  });

  it('the reader has no network socket, one capability, and of the node its own folder', async () => {
    const shell = `pid=$(${readerPid}); grep ^Cap /proc/$pid/status; ls -l /proc/$pid/fd; cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6; ls /proc/$pid/root; stat -c '%a %u %g' /run/kflow /run/kflow/reader.sock`;
    const text = await onNode(playground, hidden, ['sh', '-c', shell]);
    // CAP_NET_ADMIN is bit 12.
    assert.match(text, /^CapEff:\s+0000000000001000$/m);
    assert.match(text, /^CapBnd:\s+0000000000001000$/m);
    const own = Array.from(text.matchAll(/socket:\[(\d+)\]/g), ([, inode]) => inode);
    assert.ok(own.length > 0);
    for (const inode of own) assert.doesNotMatch(text, new RegExp(`^ *\\d+: .* ${inode} `, 'm'), 'a TCP or UDP socket');
    assert.match(text, /^750 0 0$/m);
    assert.match(text, /^660 0 0$/m);
  });

  it('another user on the node, and other pods, with or without the host network, get nothing', async () => {
    const { core, namespace } = playground;
    const other = await onNode(playground, hidden, [
      'setpriv',
      '--reuid=12345',
      '--regid=12345',
      '--clear-groups',
      process.execPath,
      '-e',
      KNOCK,
    ]);
    assert.equal(other.trim(), 'EACCES');
    const command = ['/usr/local/bin/node', '-e', KNOCK];
    for (const [name, spec] of [
      ['stranger', {}],
      ['host-stranger', { hostNetwork: true, securityContext: { runAsUser: 1000 } }],
    ] as const) {
      const container = { name: 'main', image: AGENT_IMAGE ?? '', imagePullPolicy: 'IfNotPresent', command };
      await playground.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { restartPolicy: 'Never', nodeName: hidden, containers: [container], ...spec },
      } as never);
      const log = await playground.find(`end of ${name}`, async () => {
        const { status } = await core.readNamespacedPod({ name, namespace });
        const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
        return ended ? core.readNamespacedPodLog({ name, namespace }) : undefined;
      });
      assert.equal(log.trim(), 'ENOENT', name);
    }
  });

  it('a reader that is killed: its node is reported, the others continue, and all is well again without a restart of the agent', async () => {
    const { core, namespace } = playground;
    const agentPod = async () => {
      const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=kflow-daemon' });
      const pod = items.find(({ spec }) => spec?.nodeName === hidden);
      return { name: pod?.metadata?.name, restarts: pod?.status?.containerStatuses?.[0]?.restartCount };
    };
    const before = await agentPod();
    const watching = await Watching.open(namespace, scene.cases);
    try {
      await watching.untilWhole(nodes);
      // Held, so that it is missing for longer than a poll.
      await onNode(playground, hidden, ['sh', '-c', `kill -STOP $(${readerPid})`]);
      const { agents } = await watching.until('the node’s agent is reported', 20, ({ agents: all }) =>
        all.some(
          ({ node, status }) => node === hidden && status.kind !== 'live' && /reader/.test(JSON.stringify(status)),
        ),
      );
      assert.ok(
        each(
          agents.filter(({ node }) => node !== hidden),
          ({ status }) => status.kind === 'live',
        ),
      );
      await onNode(playground, hidden, ['sh', '-c', `kill -KILL $(${readerPid})`]);
      await watching.untilWhole(nodes);
    } finally {
      await watching.close();
    }
    assert.deepEqual(await agentPod(), before);
  });

  it('uninstall removes both, and says what stays switched on', async () => {
    const { status, out, err } = await kflow('uninstall', '-n', playground.namespace, '--wait');
    assert.equal(status, 0, err);
    assert.match(out, /daemonset\.apps\/kflow-reader in namespace .* deleted/);
    assert.match(err, /net\.netfilter\.nf_conntrack_acct stays on where kflow-reader switched it on/);
  });
});
