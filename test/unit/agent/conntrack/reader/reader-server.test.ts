import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CpuMeter } from '../../../../../src/agent/conntrack/cpu-meter.ts';
import type { MessageSource, NetlinkRequest } from '../../../../../src/agent/conntrack/netlink/message-source.ts';
import { NetlinkError } from '../../../../../src/agent/conntrack/netlink/netlink-error.ts';
import { readTableSize } from '../../../../../src/agent/conntrack/netlink/netlink-stats.ts';
import * as nl from '../../../../../src/agent/conntrack/netlink/parse/numbers.ts';
import { NodeSettings } from '../../../../../src/agent/conntrack/reader/node-settings.ts';
import {
  encodeFrame,
  encodeReaderHeader,
  encodeReaderRequest,
  type ReaderSettings,
} from '../../../../../src/agent/conntrack/reader/protocol.ts';
import { ReaderMessages } from '../../../../../src/agent/conntrack/reader/reader-messages.ts';
import { type ReaderServerOptions, serveReader } from '../../../../../src/agent/conntrack/reader/reader-server.ts';
import { SILENT_LOG } from '../../../../../src/agent/log.ts';
import { until } from '../../../../lab/until.ts';

const SETTINGS: ReaderSettings = {
  accounting: { state: 'on', isSetByReader: false },
  timestamping: { state: 'unknown', isSetByReader: false },
};

/** A netlink message of so many bytes; `type` NLMSG_DONE ends an answer. */
function message(type: number, bytes = 20): Buffer {
  const buffer = Buffer.alloc(bytes, 7);
  buffer.writeUInt32LE(bytes, 0);
  buffer.writeUInt16LE(type, 4);
  buffer.writeUInt16LE(0, 6);
  buffer.writeUInt32LE(1, 8);
  buffer.writeInt32LE(0, 16);
  return buffer;
}

/** A kernel that answers with these buffers, each in the same memory, as the socket's come. */
class FakeKernel implements MessageSource {
  readonly path = 'fake';
  readonly settings = 'own';
  readonly asked: NetlinkRequest[] = [];
  dumping = 0;
  mostDumping = 0;
  given = 0;
  readonly #buffers: (what: NetlinkRequest) => Iterable<Buffer>;

  constructor(buffers: (what: NetlinkRequest) => Iterable<Buffer>) {
    this.#buffers = buffers;
  }

  async *request(what: NetlinkRequest, _: CpuMeter, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    this.asked.push(what);
    this.mostDumping = Math.max(this.mostDumping, ++this.dumping);
    const shared = Buffer.alloc(65_536);
    try {
      for (const buffer of this.#buffers(what)) {
        buffer.copy(shared);
        this.given++;
        yield shared.subarray(0, buffer.length);
        await delay(0);
        signal?.throwIfAborted();
      }
    } finally {
      this.dumping--;
    }
  }
}

async function reader(t: TestContext, kernel: MessageSource, options: Partial<ReaderServerOptions> = {}) {
  const parent = mkdtempSync(join(tmpdir(), 'kflow-reader-'));
  const path = join(parent, 'run', 'reader.sock');
  const running = await serveReader(path, {
    messages: kernel,
    settings: () => SETTINGS,
    refusal: () => undefined,
    log: SILENT_LOG,
    ...options,
  });
  t.after(() => {
    running.close();
    rmSync(parent, { recursive: true });
  });
  return { path, running };
}

/** All bytes of an answer, up to the message that ends it. */
async function take(messages: MessageSource, what: NetlinkRequest = 'entries', pauseMs = 0): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const bytes of messages.request(what, new CpuMeter())) {
    pieces.push(Buffer.from(bytes));
    if (pauseMs > 0) await delay(pauseMs);
    if (Buffer.from(bytes).readUInt16LE(4) === nl.NLMSG_DONE) break;
  }
  return Buffer.concat(pieces);
}

const dump = (buffers: number) =>
  function* () {
    for (let i = 0; i < buffers; i++) yield message(nl.CT_NEW, 32_000 - 4 * (i % 100));
    yield message(nl.NLMSG_DONE);
  };

test('the kernel’s bytes arrive as they are, for each kind of request, and to a slow agent', async (t) => {
  const kernel = new FakeKernel((what) =>
    what === 'entries' ? dump(40)() : [message(nl.CT_NEW), message(nl.NLMSG_DONE)],
  );
  const lines: string[] = [];
  const log = { info: () => {}, debug: (line: string) => void lines.push(line) };
  const { path } = await reader(t, kernel, { log });
  const messages = new ReaderMessages(path);
  const expected = Buffer.concat([...dump(40)()]);
  assert.ok((await take(messages)).equals(expected));
  assert.deepEqual(messages.settings, SETTINGS);
  assert.ok((await take(messages, 'entries', 5)).equals(expected));
  assert.equal((await take(messages, 'size')).length, 40);
  assert.equal((await take(messages, 'counters')).length, 40);
  assert.deepEqual(kernel.asked, ['entries', 'entries', 'size', 'counters']);
  assert.equal(lines[0], `answered entries with ${expected.length} bytes`);
  assert.equal(lines.length, 4);
});

test('two dumps at a time: others wait for their turn', async (t) => {
  const kernel = new FakeKernel(dump(20));
  const { path } = await reader(t, kernel);
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => take(new ReaderMessages(path))));
  for (const bytes of answers) assert.ok(bytes.equals(Buffer.concat([...dump(20)()])));
  assert.equal(kernel.mostDumping, 2);
});

test('a client that does not read is ended, the kernel is not read ahead for it, and the next one has its turn', async (t) => {
  const kernel = new FakeKernel(dump(500));
  const { path } = await reader(t, kernel, { stallMs: 300 });
  const stalled = connect(path);
  stalled.on('error', () => {});
  stalled.pause();
  stalled.write(encodeReaderRequest('entries'));
  await delay(200);
  assert.ok(kernel.given < 100, `${kernel.given} buffers of 32 kB`);
  assert.equal((await take(new ReaderMessages(path))).length, Buffer.concat([...dump(500)()]).length);
  stalled.destroy();
});

test('an agent that goes away stops the dump', async (t) => {
  const kernel = new FakeKernel(dump(1_000_000));
  const { path } = await reader(t, kernel);
  for await (const _ of new ReaderMessages(path).request('entries', new CpuMeter())) break;
  for (let i = 0; kernel.dumping > 0 && i < 200; i++) await delay(10);
  assert.equal(kernel.dumping, 0);
});

test('why nothing may be read, and what the kernel refused, reach the agent', async (t) => {
  const refusing = await reader(t, new FakeKernel(dump(1)), { refusal: () => 'not in the node’s network' });
  await assert.rejects(take(new ReaderMessages(refusing.path)), {
    message: `${refusing.path}: not in the node’s network`,
  });
  const denied = await reader(t, {
    path: 'fake',
    settings: 'own',
    // biome-ignore lint/correctness/useYield: it fails before there is anything
    async *request() {
      throw new NetlinkError(1, 'send');
    },
  });
  await assert.rejects(
    take(new ReaderMessages(denied.path)),
    (error) => error instanceof NetlinkError && error.errno === 1,
  );
});

test('no reader, a dead one, a stranger, one of another version, one that is stuck: a line each', async (t) => {
  const { path, running } = await reader(t, new FakeKernel(dump(1)));
  running.close();
  assert.equal(existsSync(path), false, 'it takes its socket with it');
  await assert.rejects(
    take(new ReaderMessages(path)),
    /reader\.sock: there is no reader: look at the kflow-reader pod/,
  );

  const answers = async (bytes: Buffer) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(bytes));
    const own = `${path}.${bytes.length}`;
    server.listen(own);
    await once(server, 'listening');
    t.after(() => server.close());
    return take(new ReaderMessages(own));
  };
  await assert.rejects(answers(Buffer.from('SSH-2.0-OpenSSH_9.9')), /^Error: what answers is not a kflow-reader$/);
  await assert.rejects(answers(Buffer.alloc(0)), /the reader ended the connection: it is busy, or restarts$/);
  await assert.rejects(
    answers(Buffer.from('KFLR\u0007\0\0\0')),
    /^Error: the reader speaks version 7, this agent version 1/,
  );

  const silent = createServer(() => {});
  silent.listen(`${path}.silent`);
  await once(silent, 'listening');
  t.after(() => silent.close());
  await assert.rejects(
    take(new ReaderMessages(`${path}.silent`, 50)),
    /reader\.sock\.silent: the reader sent nothing for 0\.05s$/,
  );
});

test('an invalid request gets a reply with the version, or none, and blocks no other client', async (t) => {
  const { path } = await reader(t, new FakeKernel(dump(1)));
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', 'KFLR\u0009\0\0\0']) {
    const socket = connect(path);
    const pieces: Buffer[] = [];
    socket.on('error', () => {});
    socket.on('data', (piece) => pieces.push(piece));
    socket.write(bytes);
    await once(socket, 'close');
    assert.ok(Buffer.concat(pieces).length <= 8);
  }
  // More clients than there are places for: those that send nothing keep nobody out for long.
  const idle = Array.from({ length: 20 }, () => connect(path).on('error', () => {}));
  await delay(50);
  await assert.rejects(take(new ReaderMessages(path)), /the reader ended the connection: it is busy, or restarts$/);
  for (const socket of idle) socket.destroy();
  await until('there is a place again', 5_000, () => take(new ReaderMessages(path)));
});

test('a client that reads steadily, but slowly, neither keeps the next one waiting nor stays for ever', async (t) => {
  const { path } = await reader(t, new FakeKernel(dump(400)), { answerMs: 2_000 });
  const slow = connect(path).on('error', () => {});
  slow.pause();
  slow.write(encodeReaderRequest('entries'));
  const reading = setInterval(() => slow.read(1_000), 20);
  t.after(() => clearInterval(reading));
  const closed = once(slow, 'close');
  await until('the answer begins', 5_000, () => assert.ok(slow.readableLength > 0));
  assert.ok((await take(new ReaderMessages(path))).equals(Buffer.concat([...dump(400)()])));
  slow.resume();
  await closed;
});

test('clients that keep their side open after the answer make room', async (t) => {
  const { path } = await reader(t, new FakeKernel(dump(1)));
  const held = Array.from({ length: 8 }, () => connect({ path, allowHalfOpen: true }).on('error', () => {}));
  for (const socket of held) socket.write('KFLR\u0009\0\0\0');
  await until('there is a place', 3_000, () => take(new ReaderMessages(path)));
  for (const socket of held) socket.destroy();
});

test('a reader whose answer has no end, fast or slow, is given up', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-endless-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const ofAnother = message(nl.CT_NEW, 20_000);
  ofAnother.writeUInt32LE(9, 8);
  const frame = encodeFrame(ofAnother);
  const serve = async (name: string, everyMs: number, first: Buffer, more: Buffer) => {
    const path = join(folder, name);
    const server = createServer((socket) => {
      socket.on('error', () => {}).write(Buffer.concat([encodeReaderHeader(SETTINGS), first]));
      const timer = setInterval(() => socket.writableNeedDrain || socket.write(more), everyMs);
      socket.on('close', () => clearInterval(timer));
    });
    server.listen(path);
    await once(server, 'listening');
    t.after(() => server.close());
    return readTableSize(new ReaderMessages(path));
  };
  const fast = Buffer.concat(Array.from({ length: 20 }, () => frame));
  await Promise.all([
    assert.rejects(serve('fast', 0, frame, fast), /without an end$/),
    assert.rejects(serve('drip', 20, encodeFrame(ofAnother).subarray(0, 4), Buffer.alloc(1)), /no reply within 5s$/),
  ]);
});

test('root and group 0 alone can reach the socket; a reader that is started again replaces it', async (t) => {
  const { path } = await reader(t, new FakeKernel(dump(1)));
  assert.equal(statSync(join(path, '..')).mode & 0o7777, 0o750);
  assert.equal(statSync(path).mode & 0o777, 0o660);
  const second = await serveReader(path, {
    messages: new FakeKernel(dump(3)),
    settings: () => SETTINGS,
    refusal: () => undefined,
    log: SILENT_LOG,
  });
  t.after(() => second.close());
  assert.equal((await take(new ReaderMessages(path))).length, Buffer.concat([...dump(3)()]).length);
});

test('a reader whose socket was removed, or replaced by one that has ended, is there again', async (t) => {
  const { path } = await reader(t, new FakeKernel(dump(2)), { checkMs: 50 });
  const whole = Buffer.concat([...dump(2)()]);
  rmSync(path);
  await until('it listens again', 5_000, async () => assert.ok((await take(new ReaderMessages(path))).equals(whole)));
  const options = {
    messages: new FakeKernel(dump(5)),
    settings: () => SETTINGS,
    refusal: () => undefined,
    log: SILENT_LOG,
  };
  const second = await serveReader(path, options);
  await delay(200);
  assert.equal(
    (await take(new ReaderMessages(path))).length,
    Buffer.concat([...dump(5)()]).length,
    'the second one serves',
  );
  second.close();
  await until('the first one serves again', 5_000, async () =>
    assert.ok((await take(new ReaderMessages(path))).equals(whole)),
  );
});

test('a folder below one that is not there, as in /proc, is refused at once', async () => {
  const options = {
    messages: new FakeKernel(dump(1)),
    settings: () => SETTINGS,
    refusal: () => undefined,
    log: SILENT_LOG,
  };
  await assert.rejects(serveReader('/proc/x/y.sock', options), /ENOENT/);
  await assert.rejects(serveReader('/nonexistent/run/y.sock', options), /ENOENT/);
});

test('the mode of a folder that was there stays', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-reader-'));
  t.after(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const options = {
    messages: new FakeKernel(dump(1)),
    settings: () => SETTINGS,
    refusal: () => undefined,
    log: SILENT_LOG,
  };
  const running = await serveReader(join(folder, 'reader.sock'), options);
  t.after(() => running.close());
  assert.equal(statSync(folder).mode & 0o7777, 0o755);
  assert.equal(statSync(join(folder, 'reader.sock')).mode & 0o777, 0o660);
});

test('a file that is no socket is kept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-reader-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'reader.sock');
  writeFileSync(path, 'precious');
  const options = {
    messages: new FakeKernel(dump(1)),
    settings: () => SETTINGS,
    refusal: () => undefined,
    log: SILENT_LOG,
  };
  await assert.rejects(serveReader(path, options), /reader\.sock is there, and is not a socket$/);
});

test('a setting that is asked for is switched on once, and said to be so', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-settings-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const lines: string[] = [];
  const log = { info: (line: string) => void lines.push(line), debug: () => {} };
  writeFileSync(join(folder, 'nf_conntrack_acct'), '0\n');
  writeFileSync(join(folder, 'nf_conntrack_timestamp'), '0\n');
  const settings = new NodeSettings({ accounting: true, timestamping: false }, log, [folder]);
  assert.deepEqual(settings.read(), {
    accounting: { state: 'on', isSetByReader: true },
    timestamping: { state: 'off', isSetByReader: false },
  });
  assert.deepEqual(lines, ['switched on net.netfilter.nf_conntrack_acct on this node']);
  const again = new NodeSettings({ accounting: true, timestamping: true }, log, [folder, '/nonexistent']);
  assert.deepEqual(again.read().accounting, { state: 'on', isSetByReader: false }, 'it was on already');
  writeFileSync(join(folder, 'nf_conntrack_acct'), '0\n');
  assert.deepEqual(again.read().accounting, { state: 'off', isSetByReader: false }, 'somebody switched it off');
  const none = new NodeSettings({ accounting: true, timestamping: false }, log, ['/nonexistent']);
  assert.deepEqual(none.read().accounting, { state: 'unknown', isSetByReader: false });
  assert.match(
    lines.at(-1) ?? '',
    /^cannot switch on a setting of the node \(ENOENT: no such file or directory, open '\/nonexistent\/nf_conntrack_acct'\)/,
  );
});
