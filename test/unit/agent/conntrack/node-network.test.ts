import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { compareNetworks, hasAddress, hasNetAdmin, networkOf } from '../../../../src/agent/conntrack/node-network.ts';

function folder(t: TestContext, name = 'net'): string {
  const path = mkdtempSync(join(tmpdir(), 'kflow-network-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  mkdirSync(join(path, name));
  return join(path, name);
}

describe('the network of a process', () => {
  it("is the node's exactly if its files are", (t) => {
    const [mounted, own] = [folder(t), folder(t)];
    assert.equal(compareNetworks(join(mounted, 'none'), own), 'unmounted');
    assert.equal(compareNetworks(mounted, own), 'other', 'a folder that is empty');
    writeFileSync(join(mounted, 'dev'), '');
    assert.equal(compareNetworks(mounted, own), 'other');
    writeFileSync(join(own, 'dev'), '');
    assert.equal(compareNetworks(mounted, own), 'other');
    rmSync(join(own, 'dev'));
    linkSync(join(mounted, 'dev'), join(own, 'dev'));
    assert.equal(compareNetworks(mounted, own), 'same');
    // A folder that is none can be no network of this process.
    writeFileSync(join(own, 'file'), '');
    assert.equal(compareNetworks(join(own, 'file'), own), 'other');
    assert.equal(networkOf(join(own, 'none')), undefined);
  });

  it('may ask for conntrack with the capability NET_ADMIN in effect', (t) => {
    const status = join(folder(t), 'status');
    const has = (text: string) => {
      writeFileSync(status, text);
      return hasNetAdmin(status);
    };
    assert.equal(has('Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\n'), true);
    assert.equal(has('CapEff:\t0000000000001000\n'), true);
    assert.equal(has('CapPrm:\t0000000000001000\nCapEff:\t000001ffffffefff\n'), false);
    assert.equal(has('CapEff:\t0000000000000000\n'), false);
    assert.equal(has('CapEff:\tx\n'), false);
    assert.equal(hasNetAdmin(join(status, 'none')), false);
  });
});

/** As the kernel prints them. */
const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.244.0.0/16 2 0 2
        |-- 10.244.1.0
           /24 link UNICAST
        |-- 10.244.1.7
           /32 link UNICAST
Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 10.0.0.0/24 2 0 1
        |-- 10.0.0.1
           /24 link UNICAST
           /32 host LOCAL
        |-- 10.0.0.255
           /32 link BROADCAST
        |-- 110.0.0.12
           /32 host LOCAL
`;
const ADDRESSES = `00000000000000000000000000000001 01 80 10 80       lo
fd00001000890000000000000000000b 02 40 00 80     eth0
`;

describe("a network's addresses", () => {
  it('are those of its trie of routes that are local, and those of if_inet6', (t) => {
    const net = folder(t);
    writeFileSync(join(net, 'fib_trie'), TRIE);
    writeFileSync(join(net, 'if_inet6'), ADDRESSES);
    for (const address of ['10.0.0.1', '110.0.0.12', 'fd00:10:89::b', '::1', 'FD00:0010:0089::000b'])
      assert.equal(hasAddress(net, address), true, address);
    for (const address of ['10.0.0.255', '10.244.1.7', '10.0.0.12', '10.0.0.2', '0.0.0.0', 'fd00:10:89::1', '::'])
      assert.equal(hasAddress(net, address), false, address);
    rmSync(join(net, 'fib_trie'));
    assert.equal(hasAddress(net, '10.0.0.1'), undefined);
    assert.equal(hasAddress(net, '::1'), true);
  });

  it('are found wherever a read of a large trie ends', (t) => {
    const net = folder(t);
    const leaf = '        |-- 10.0.0.1\n           /32 host LOCAL\n';
    const other = (i: number) =>
      `        |-- 172.${i >> 16}.${(i >> 8) & 255}.${i & 255}\n           /32 link UNICAST\n`;
    const many = Array.from({ length: 1_000 }, (_, i) => other(i)).join('');
    const room = 64 * 1024 - many.length;
    assert.ok(room > 100);
    for (let shift = 0; shift <= leaf.length; shift++) {
      writeFileSync(join(net, 'fib_trie'), `${many}${' '.repeat(room - shift)}${leaf}${many}`);
      assert.equal(hasAddress(net, '10.0.0.1'), true, `${shift}`);
      assert.equal(hasAddress(net, '10.0.0.2'), false);
    }
    // One leaf that is never ended takes no memory without end.
    writeFileSync(join(net, 'fib_trie'), ' '.repeat(1 << 20));
    assert.equal(hasAddress(net, '10.0.0.1'), false);
  });
});
