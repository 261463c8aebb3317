import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { SocketCalls } from '../../../../src/agent/conntrack/netlink/socket.ts';
import { ReaderLink } from '../../../../src/agent/conntrack/reader/reader-link.ts';
import {
  findCandidates,
  mayUseNetlink,
  type ProcessFacts,
  procfsPaths,
  type SourceSettings,
  usesReader,
} from '../../../../src/agent/conntrack/source-choice.ts';

const MOUNTED = ['/host/proc/1/net/nf_conntrack', '/host/proc/1/net/ip_conntrack', '/host/proc/1/net/nf_conntrack6'];
const OWN = ['/proc/net/nf_conntrack', '/proc/net/ip_conntrack', '/proc/net/nf_conntrack6'];
const NO_READER = '/nonexistent/reader.sock';
const NO_CALLS = new Error('no koffi here');

function settings(changes: Partial<SourceSettings> = {}): SourceSettings {
  return {
    source: 'auto',
    conntrackPath: undefined,
    hostIp: undefined,
    readerSocket: NO_READER,
    network: 'node',
    ...changes,
  };
}

function find(
  changes: Partial<SourceSettings>,
  facts: Partial<ProcessFacts>,
  calls: SocketCalls | Error | undefined = NO_CALLS,
) {
  return findCandidates(settings(changes), calls, { comparison: 'unmounted', hasNetAdmin: false, ...facts });
}
const paths = (...args: Parameters<typeof find>) => find(...args).map(({ path }) => path);

describe('where the table is looked for', () => {
  it("is the node's files, and this process's own only where they are of the same network, or none are mounted", () => {
    assert.deepEqual(paths({}, { comparison: 'unmounted' }), [...MOUNTED, ...OWN]);
    assert.deepEqual(paths({}, { comparison: 'same' }), [...MOUNTED, ...OWN]);
    assert.deepEqual(paths({}, { comparison: 'other' }), MOUNTED);
    assert.deepEqual(paths({ source: 'procfs' }, { comparison: 'other', hasNetAdmin: true }), MOUNTED);
    assert.deepEqual(paths({ source: 'procfs' }, { hasNetAdmin: true }), [...MOUNTED, ...OWN]);
  });

  it('is netlink first for who may use it, and whose network is the node’s', () => {
    assert.deepEqual(paths({}, { hasNetAdmin: true }), ['netlink', ...MOUNTED, ...OWN]);
    assert.deepEqual(paths({}, { hasNetAdmin: true, comparison: 'same' }), ['netlink', ...MOUNTED, ...OWN]);
    assert.deepEqual(paths({}, { hasNetAdmin: true, comparison: 'other' }), MOUNTED);
    assert.deepEqual(paths({ network: 'own' }, { hasNetAdmin: true }), ['netlink', ...OWN]);
    assert.deepEqual(paths({ network: 'own' }, {}), OWN);
  });

  it('is netlink alone where the settings say so, and not that of another network', () => {
    const [one, ...more] = find({ source: 'netlink' }, { comparison: 'same' });
    assert.deepEqual([one?.path, one?.probe(), more.length], ['netlink', 'no koffi here', 0]);
    const [other] = find({ source: 'netlink' }, { comparison: 'other', hasNetAdmin: true });
    assert.match(other?.probe() ?? '', /network namespace is not the node's.*KFLOW_SOURCE=procfs/);
  });

  it('is the node’s reader alone where its folder is there, whether this process may use netlink or not', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kflow-reader-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const mounted = { readerSocket: join(folder, 'reader.sock') };
    assert.equal(usesReader(settings(mounted)), true);
    assert.equal(usesReader(settings({ ...mounted, source: 'netlink' })), true);
    assert.equal(mayUseNetlink(settings(mounted), { comparison: 'same', hasNetAdmin: true }), false);
    for (const other of [{ source: 'procfs' }, { conntrackPath: '/some/table' }, { network: 'own' }] as const)
      assert.equal(usesReader(settings({ ...mounted, ...other })), false, JSON.stringify(other));
    assert.equal(usesReader(settings()), false);
    const link = await ReaderLink.open(mounted.readerSocket);
    const candidates = findCandidates(settings(mounted), undefined, { comparison: 'other', hasNetAdmin: false }, link);
    assert.deepEqual(
      candidates.map((one) => [one.kind, one.path, one.probe()]),
      [
        [
          'netlink',
          mounted.readerSocket,
          'there is no reader: look at the kflow-reader pod of this node (kubectl get pods -l app=kflow-reader -o wide)',
        ],
      ],
    );
  });

  it('is the file that the operator names, and nothing else', () => {
    assert.deepEqual(paths({ conntrackPath: '/some/table' }, { hasNetAdmin: true }), ['/some/table']);
    assert.deepEqual(paths({ conntrackPath: '/host/proc/net/nf_conntrack' }, {}), MOUNTED.slice(0, 1));
    assert.deepEqual(procfsPaths(settings({ conntrackPath: '/proc/net/nf_conntrack' })), ['/proc/net/nf_conntrack']);
  });

  it('has a reason', () => {
    const reason = (...args: Parameters<typeof find>) => find(...args)[0]?.reason;
    assert.equal(reason({}, { hasNetAdmin: true }), 'this process has the capability NET_ADMIN');
    assert.match(reason({}, { hasNetAdmin: true, comparison: 'same' }) ?? '', /NET_ADMIN, and the node's network$/);
    assert.match(reason({}, {}) ?? '', /does not have the capability NET_ADMIN/);
    assert.match(reason({}, { hasNetAdmin: true, comparison: 'other' }) ?? '', /namespace is not the node's/);
    assert.equal(reason({ source: 'procfs' }, { hasNetAdmin: true }), 'KFLOW_SOURCE is procfs');
    assert.equal(reason({ source: 'netlink' }, {}), 'KFLOW_SOURCE is netlink');
    assert.equal(reason({ conntrackPath: '/x' }, {}), 'CONNTRACK_PATH names it');
  });

  it('loads what netlink needs only where netlink may be used', () => {
    const may = (changes: Partial<SourceSettings>, facts: Partial<ProcessFacts>) =>
      mayUseNetlink(settings(changes), { comparison: 'unmounted', hasNetAdmin: true, ...facts });
    assert.deepEqual(
      [may({}, {}), may({}, { comparison: 'same' }), may({ source: 'netlink' }, { hasNetAdmin: false })],
      [true, true, true],
    );
    assert.deepEqual(
      [may({}, { hasNetAdmin: false }), may({}, { comparison: 'other' }), may({ source: 'procfs' }, {})],
      [false, false, false],
    );
    assert.equal(may({ conntrackPath: '/x' }, {}), false);
  });

  it('is refused in a network that does not have the node’s address', () => {
    const hostIp = '192.0.2.77';
    for (const candidate of find({ hostIp, conntrackPath: undefined }, {}).filter(({ path }) => path === OWN[0])) {
      const outcome = candidate.probe();
      // Without the right to read the table, that is the reason.
      if (!outcome.startsWith('E')) assert.match(outcome, /^this process is not in the node's network.*192\.0\.2\.77$/);
    }
  });
});
