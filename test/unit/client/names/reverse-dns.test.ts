import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NEVER } from 'rxjs';
import type { Endpoint } from '../../../../src/client/model/connection.ts';
import type { NameResolver } from '../../../../src/client/names/name-resolver.ts';
import { ReverseDns, withReverseDns } from '../../../../src/client/names/reverse-dns.ts';
import { Inbox } from '../kubernetes/fake-api.ts';

/** A DNS that answers when the test says so. */
class Dns {
  readonly asked: string[] = [];
  now = 0;
  readonly names: ReverseDns;
  readonly changes = new Inbox<void>();
  readonly #answers: ((names: readonly string[] | Error) => void)[] = [];

  constructor() {
    this.names = new ReverseDns({
      now: () => this.now,
      reverse: (address) => {
        this.asked.push(address);
        return new Promise((resolve, reject) => {
          this.#answers.push((names) => (names instanceof Error ? reject(names) : resolve(names)));
        });
      },
    });
    this.names.changed$.subscribe(() => this.changes.push());
    this.names.on = true;
  }

  /** Answers the question asked longest ago, and lets it be taken. */
  async answer(names: readonly string[] | Error): Promise<void> {
    this.#answers.shift()?.(names);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('ReverseDns', () => {
  it('answers from memory, and asks once', async () => {
    const dns = new Dns();
    assert.equal(dns.names.name('203.0.113.1'), undefined);
    dns.names.name('203.0.113.1');
    assert.deepEqual(dns.asked, ['203.0.113.1']);
    await dns.answer(['one.example.']);
    await dns.changes.next();
    assert.equal(dns.names.name('203.0.113.1'), 'one.example');
    assert.equal(dns.asked.length, 1);
  });

  it('asks nothing while it is off', () => {
    const dns = new Dns();
    dns.names.on = false;
    assert.equal(dns.names.name('203.0.113.1'), undefined);
    assert.deepEqual(dns.asked, []);
  });

  it('remembers that there is no name, for a while', async () => {
    const dns = new Dns();
    dns.names.name('203.0.113.1');
    await dns.answer(new Error('ENOTFOUND'));
    dns.names.name('203.0.113.1');
    assert.equal(dns.asked.length, 1);
    dns.now += 5 * 60_000;
    dns.names.name('203.0.113.1');
    assert.equal(dns.asked.length, 2);
  });

  it('keeps the old name while it asks again', async () => {
    const dns = new Dns();
    dns.names.name('203.0.113.1');
    await dns.answer(['one.example']);
    dns.now += 60 * 60_000;
    assert.equal(dns.names.name('203.0.113.1'), 'one.example');
    assert.equal(dns.asked.length, 2);
  });

  it('asks a few at once, lets others wait, and drops what is too much', async () => {
    const dns = new Dns();
    assert.equal(dns.names.pending, false);
    for (let i = 0; i < 1000; i++) dns.names.name(`203.0.113.${i}`);
    assert.equal(dns.asked.length, 8);
    assert.equal(dns.names.pending, true);
    for (let i = 0; i < 1000; i++) await dns.answer([`n${i}.example`]);
    assert.equal(dns.asked.length, 8 + 256);
    assert.equal(dns.names.pending, false);
  });

  it('takes nothing that is no name', async () => {
    const dns = new Dns();
    dns.names.name('203.0.113.1');
    await dns.answer(['\u001b[2Jx', 'a b', '1.2.3.4', '', 'x'.repeat(300), 'good_one.example']);
    assert.equal(dns.names.name('203.0.113.1'), 'good_one.example');
  });

  it('is not held up by a long bad name', { timeout: 1000 }, async () => {
    const dns = new Dns();
    dns.names.name('203.0.113.1');
    await dns.answer([`${'a'.repeat(250)}!`]);
    assert.equal(dns.names.name('203.0.113.1'), undefined);
  });
});

describe('withReverseDns', () => {
  const outside: Endpoint = { address: '203.0.113.1', kind: 'external' };
  const known: Record<string, Endpoint> = {
    '203.0.113.1': outside,
    '10.0.0.1': { address: '10.0.0.1', kind: 'pod', name: 'web' },
    '10.0.0.2': { address: '10.0.0.2', node: 'node1' },
    '10.0.0.3': { address: '10.0.0.3', candidates: [] },
    '10.0.0.4': { address: '10.0.0.4' },
  };
  const inner: NameResolver = {
    endpoint: (address) => known[address],
    service: () => undefined,
    changed$: NEVER,
    notices: ['n'],
  };

  it('names the outside, always by the same object, and nobody else', async () => {
    const dns = new Dns();
    const names = withReverseDns(inner, dns.names);
    assert.equal(names.endpoint('203.0.113.1', 0), outside);
    for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
      assert.equal(names.endpoint(address, 0), known[address]);
    assert.deepEqual(dns.asked, ['203.0.113.1']);
    await dns.answer(['one.example']);
    const named = names.endpoint('203.0.113.1', 0);
    assert.deepEqual(named, { address: '203.0.113.1', kind: 'external', name: 'one.example' });
    assert.equal(names.endpoint('203.0.113.1', 0), named);
    dns.names.on = false;
    assert.equal(names.endpoint('203.0.113.1', 0), outside);
    assert.deepEqual(names.notices, ['n']);
  });

  it('looks up what nobody knows, except for addresses of the link or the machine', () => {
    const dns = new Dns();
    const names = withReverseDns(inner, dns.names);
    for (const address of ['127.0.0.1', '::1', 'fe80::1', '169.254.0.1', '224.0.0.1', '198.51.100.1', '2001:db8::1']) {
      assert.equal(names.endpoint(address, 0), undefined);
    }
    assert.equal(names.endpoint('10.0.0.4', 0), known['10.0.0.4'], 'what is an address and no more');
    assert.deepEqual(dns.asked, ['198.51.100.1', '2001:db8::1', '10.0.0.4']);
  });
});
