/** Every kind of problem, made for real: it is reported within five seconds, by its name, and goes when it is mended. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { countEntries, insertEntries } from '../lab/conntrack.ts';
import type { Host } from '../lab/lab.ts';
import type { NetworkNamespace } from '../lab/namespace.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { lowerTableMaximum } from '../lab/table-maximum.ts';
import { until } from '../lab/until.ts';
import { everySo, ProblemLab } from './problem-lab.ts';

const skip = labUnavailable() ?? false;
const WEB = { address: '10.96.0.10', port: 80 };
const DNS = { address: '10.96.0.53', port: 53 };
const LONELY = '10.96.0.99';

describe('problems', { skip, timeout: 300_000 }, () => {
  let scene: ProblemLab;
  let client: Host;
  let server: Host;
  let names: Host;
  const services = () => [
    { ...WEB, protocol: 'tcp' as const, backends: [{ address: server.address, port: 8080 }] },
    { ...DNS, protocol: 'udp' as const, backends: [{ address: names.address, port: 53 }] },
  ];

  before(async () => {
    scene = await ProblemLab.create(2);
    const { lab } = scene;
    server = await lab.node(1).addPod('server');
    names = await lab.node(1).addPod('names');
    client = await lab.node(2).addPod('client');
    await server.peer.web(8080, 1000);
    await names.peer.echo('udp', 53);
    await lab.outside.peer.echo('tcp', 8080);
    await lab.serve(services());
  });
  after(() => scene?.close());

  it('SYNs that are dropped, while clients continue asking', async () => {
    const stop = everySo(300, () => client.peer.fetch(WEB.address, WEB.port, 100));
    try {
      const mend = await drop(server.namespace, 'tcp dport 8080');
      const problem = await scene.appears('TCP SYN unanswered', /^10\.96\.0\.10:80$/);
      assert.equal(problem.severity, 3);
      assert.match(problem.explanation, /^10\.244\.2\.2 receives no reply \(behind it: 10\.244\.1\.2\)/);
      assert.equal(scene.behind(problem), problem.count);
      await mend();
      await scene.goes('TCP SYN unanswered', /:80$/, 15_000);
    } finally {
      stop();
    }
  });

  it('SYNs of a client that has gone stay in the table, and are no problem for as long', async () => {
    const short = await scene.lab.node(2).addPod('short');
    const mend = await drop(server.namespace, 'tcp dport 8081');
    for (let i = 0; i < 5; i++) await short.peer.knock(server.address, 8081);
    await scene.appears('TCP SYN unanswered', /^10\.244\.1\.2:8081$/);
    await short.namespace.close();
    await mend();
    await scene.goes('TCP SYN unanswered', /:8081$/, 45_000);
    const table = await scene.lab.node(2).namespace.run('cat', ['/proc/net/nf_conntrack']);
    assert.match(table, /SYN_SENT .* dport=8081 /);
  });

  it('a service without endpoints', async () => {
    const { lab } = scene;
    await client.peer.knock(LONELY, 80);
    const problem = await scene.appears('TCP SYN unanswered', /^10\.96\.0\.99:80$/);
    assert.equal(problem.count, 1);
    const backends = [{ address: server.address, port: 8080 }];
    await lab.serve([...services(), { address: LONELY, port: 80, protocol: 'tcp', backends }]);
    await client.peer.fetch(LONELY, 80, 100);
    await scene.goes('TCP SYN unanswered', /^10\.96\.0\.99:80$/, 5000);
  });

  it('a name server that does not answer', async () => {
    const stop = everySo(250, () => client.peer.ask(DNS.address, DNS.port, 40, { wait: false }));
    try {
      const mend = await drop(names.namespace, 'udp dport 53');
      const problem = await scene.appears('DNS unanswered', /^10\.96\.0\.53:53$/);
      assert.equal(scene.behind(problem), problem.count);
      await mend();
      await scene.goes('DNS unanswered', /:53$/, 15_000);
    } finally {
      stop();
    }
  });

  it('half-closed connections that a program has forgotten', async () => {
    const held = [];
    for (let i = 0; i < 15; i++) {
      const connection = await client.peer.connect(server.address, 8080);
      // The server answers, and closes; what it sent is not read, and so nor is that it has closed.
      await connection.write(1);
      held.push(connection);
    }
    const problem = await scene.appears('connections stuck in CLOSE_WAIT', /^10\.244\.1\.2$/, { least: 15 });
    assert.equal(problem.count, 15);
    assert.equal(scene.behind(problem), 15);
    for (const connection of held) await connection.end();
    await scene.goes('connections stuck in CLOSE_WAIT', /^10\.244\.1\.2$/, 5000);
  });

  it('a client that has used most of its ports towards one destination', async () => {
    const few = await scene.lab.node(2).addPod('few');
    await few.namespace.run('sysctl', ['-qw', 'net.ipv4.ip_local_port_range=40000 40199']);
    const open = await Promise.all(Array.from({ length: 100 }, () => few.peer.connect(server.address, 8080)));
    const since = scene.ever.size;
    const more = await Promise.all(Array.from({ length: 90 }, () => few.peer.connect(server.address, 8080)));
    const where = new RegExp(`^${few.address} → ${server.address}:8080$`);
    await scene.appears('source port exhaustion', where, { least: 150 });
    assert.ok(scene.ever.size > since);
    for (const connection of [...open, ...more]) await connection.reset();
    // The kernel keeps what was reset for ten seconds.
    await scene.goes('source port exhaustion', where, 20_000);
  });

  it('source NAT to few ports: they run out, and then entries cannot be inserted', async () => {
    const node = scene.lab.node(2);
    const { outside } = scene.lab;
    await node.namespace.nft(`table ip narrow { chain post { type nat hook postrouting priority 90;
      ip daddr ${outside.address} tcp dport 8080 snat to ${node.address}:20000-20119; }; }`);
    const open = await Promise.all(Array.from({ length: 115 }, () => client.peer.connect(outside.address, 8080)));
    await scene.appears('SNAT port exhaustion', /^10\.89\.0\.12 → 203\.0\.113\.10:8080$/);
    for (let i = 0; i < 20; i++) await client.peer.knock(outside.address, 8080);
    const problem = await scene.appears('conntrack insert fails', /^node2$/);
    assert.equal(problem.severity, 3);
    await node.namespace.nft('delete table ip narrow');
    for (const connection of open) await connection.reset();
    await scene.goes('SNAT port exhaustion', /^10\.89\.0\.12 /, 25_000);
    await scene.goes('conntrack insert fails', /^node2$/, 25_000);
  });

  it('a table that fills, and then drops', async (t) => {
    const most = await lowerTableMaximum(20_000, (undo) => t.after(undo));
    const { namespace } = scene.lab.node(1);
    t.after(() => namespace.run('conntrack', ['-F']));
    await fill(namespace, Math.ceil(most * 0.85));
    const problem = await scene.appears('conntrack table nearly full', /^node1$/);
    assert.ok(problem.count >= most * 0.85);
    await fill(namespace, most);
    const stop = everySo(50, () => client.peer.ask(server.address, 7777, 40, { wait: false }));
    t.after(stop);
    await scene.appears('conntrack table full', /^node1$/);
    await scene.appears('conntrack drops packets', /^node1$/);
    stop();
    await namespace.run('conntrack', ['-F']);
    // So many entries take the watcher a while, too.
    await scene.goes('conntrack table full', /^node1$/, 15_000);
    await scene.goes('conntrack drops packets', /^node1$/, 25_000);
  });

  it('accounting that is off', async () => {
    const { namespace } = scene.lab.node(2);
    await namespace.sysctl({ 'netfilter.nf_conntrack_acct': 0 });
    const problem = await scene.appears('accounting off', /^node2$/);
    assert.match(problem.nextStep.command?.text ?? '', /sysctl -w net\.netfilter\.nf_conntrack_acct=1/);
    await namespace.sysctl({ 'netfilter.nf_conntrack_acct': 1 });
    await scene.goes('accounting off', /^node2$/, 15_000);
  });

  it('an agent that is killed, and one that is frozen', async () => {
    const agent = scene.agents[0];
    assert.ok(agent);
    agent.process.kill('SIGKILL');
    await scene.appears('agent lost', /node1/);
    await scene.restartAgent(1);
    await scene.goes('agent lost', /node1/, 10_000);
    scene.agents[1]?.process.kill('SIGSTOP');
    await scene.appears('agent stale', /node2/);
    scene.agents[1]?.process.kill('SIGCONT');
    await scene.goes('agent stale', /node2/, 10_000);
  });
});

/** Drops what comes to a host and fits; what is returned lets it through again. */
async function drop(namespace: NetworkNamespace, what: string): Promise<() => Promise<void>> {
  await namespace.nft(`table inet fault { chain input { type filter hook input priority 0; ${what} drop; }; }`);
  return () => namespace.nft('delete table inet fault');
}

/** Entries that the kernel does not drop to make room, up to so many in all. */
async function fill(namespace: NetworkNamespace, most: number): Promise<void> {
  const count = await countEntries(namespace);
  const entry = (i: number) =>
    `-p udp -s 10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255} -d 192.0.2.1 --sport 9 --dport 99 ` +
    '-t 6000 -u SEEN_REPLY,ASSURED';
  await insertEntries(
    namespace,
    Array.from({ length: most - count }, (_, i) => entry(count + i)),
  );
  await until('the table has them', 10_000, async () => assert.ok((await countEntries(namespace)) >= most * 0.99));
}
