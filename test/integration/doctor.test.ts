/** What `kflow doctor` says of a kernel, and whether the command that it names mends it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LabAgent } from '../lab/agent.ts';
import { insertEntries } from '../lab/conntrack.ts';
import { makeFolder } from '../lab/folder.ts';
import { kflow } from '../lab/kflow.ts';
import { NetworkNamespace } from '../lab/namespace.ts';
import { labUnavailable } from '../lab/requirements.ts';

const skip = labUnavailable() ?? false;
const AHEAD_SECONDS = 90;

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly message: string;
  readonly next?: string;
  readonly nextWhere?: string;
}

describe('doctor', { skip, timeout: 60_000 }, () => {
  let node: NetworkNamespace;
  let agent: LabAgent;
  const folder = makeFolder();
  before(async () => {
    node = await NetworkNamespace.create('node');
    await node.sysctl({ 'netfilter.nf_conntrack_acct': 0, 'netfilter.nf_conntrack_timestamp': 0 });
    agent = await LabAgent.start(node, { folder, interval: '100ms' });
  });
  after(async () => {
    await agent?.stop();
    await node?.close();
  });

  const examine = async (...addresses: string[]) => {
    const { status, out, err } = await kflow('doctor', '--endpoints', addresses.join(), '-o', 'json');
    assert.equal(err, '');
    const found = JSON.parse(out) as Finding[];
    return { status, of: (check: string) => found.filter((finding) => finding.check === check) };
  };
  const levels = (findings: readonly Finding[]) => findings.map(({ status }) => status);

  it('says that nothing is tracked', async () => {
    const [found, ...more] = (await examine(agent.address)).of('table');
    assert.deepEqual([found?.status, more], ['warning', []]);
    assert.match(found?.message ?? '', /^node: the kernel tracks no connections/);
    assert.deepEqual([found?.nextWhere, found?.next], ['on node', 'sudo nft list ruleset']);
  });

  for (const check of ['accounting', 'timestamps']) {
    it(`says that ${check} are off, and the command that it names turns them on`, async () => {
      const [found] = (await examine(agent.address)).of(check);
      assert.equal(found?.status, 'warning');
      const command = /^sudo (sysctl -w \S+)$/.exec(found?.next ?? '')?.[1];
      assert.ok(command, found?.next);
      await node.run('sh', ['-c', command]);
      assert.deepEqual(levels((await examine(agent.address)).of(check)), ['ok']);
    });
  }

  it('is content with a table that is in use', async () => {
    await insertEntries(node, ['-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1 --dport 2 --state ESTABLISHED -t 60']);
    const { status, of } = await examine(agent.address);
    assert.equal(status, 0);
    for (const check of ['agents', 'versions', 'table', 'accounting', 'timestamps', 'table-fill', 'clock'])
      assert.deepEqual(levels(of(check)), ['ok'], JSON.stringify(of(check)));
  });

  it('tells the agent whose clock is wrong, and the one that does not answer', async (t) => {
    // The agent reads no files but its own: so it is no file.
    const shift = `const now = Date.now; Date.now = () => now() + ${AHEAD_SECONDS * 1000};`;
    const other = await NetworkNamespace.create('ahead');
    t.after(() => other.close());
    const environment = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` };
    const ahead = await LabAgent.start(other, { folder, interval: '100ms', environment });
    t.after(() => ahead.stop());
    const gone = `unix:${folder}/gone.sock`;
    const { status, of } = await examine(agent.address, ahead.address, gone);
    assert.deepEqual(levels(of('clock')), ['failure']);
    assert.match(of('clock')[0]?.message ?? '', /^ahead: its clock is (89|90|91) s ahead of this machine’s/);
    assert.deepEqual(levels(of('agents')), ['failure']);
    assert.match(of('agents')[0]?.message ?? '', /gone\.sock: lost: connect ENOENT/);
    assert.equal(status, 1);
  });
});
