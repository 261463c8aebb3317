import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NetlinkSource } from '../../src/agent/conntrack/netlink/netlink-source.ts';
import * as nl from '../../src/agent/conntrack/netlink/parse/numbers.ts';
import { LineScanner } from '../../src/agent/conntrack/parse/line-scanner.ts';
import { LineSplitter } from '../../src/agent/conntrack/parse/line-splitter.ts';
import { TableUpdater } from '../../src/agent/polling/table-updater.ts';
import { decodeAgentPod } from '../../src/client/agents/agent-pod.ts';
import { cleanInfo, cleanPoll } from '../../src/client/agents/clean-agent.ts';
import { TableReplica } from '../../src/client/agents/table-replica.ts';
import { parseFilter } from '../../src/client/filter/filter.ts';
import { loadKubeClient } from '../../src/client/kubernetes/config.ts';
import { KubeError } from '../../src/client/kubernetes/errors.ts';
import {
  dataFrameHeader,
  pingFrame,
  SpdyFrameReader,
  synStreamFrame,
} from '../../src/client/kubernetes/port-forward/spdy-frames.ts';
import {
  decodeEndpointSlice,
  decodeNode,
  decodePod,
  decodeService,
} from '../../src/client/names/kubernetes/objects.ts';
import { InvalidRecordingError, Recording } from '../../src/client/recording/recording.ts';
import { InputDecoder } from '../../src/client/tui/terminal/input-decoder.ts';
import { decodeAgent } from '../../src/wire/agent.ts';
import { decodeResponse } from '../../src/wire/decode.ts';
import { parseResponse, serializeResponse } from '../../src/wire/service.ts';
import { concat, done, messageSource, readRecordedDump } from '../lab/netlink-messages.ts';
import { connection } from '../unit/client/tui/fixtures.ts';
import { conntrackLine, conntrackMessages, filterText, keysOf, watchResponse, withAnyPart } from './generate.ts';
import type { Random } from './mutate.ts';
import { askBody, askRaw, followApi, serverFrames } from './peers.ts';

/** Something that reads what comes from outside. */
export interface Target {
  readonly name: string;
  readonly maxBytes: number;
  readonly corpus: readonly Buffer[];
  /** An input as the format has it, of any content. Absent: inputs are changes of the corpus only. */
  generate?(random: Random): Buffer;
  /** Throws where the program would be at fault. `folder`: for files. */
  run(bytes: Buffer, folder: string): void | Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = (path: string) => readFileSync(join(root, path));
const corpusOf = (name: string) => {
  const folder = join(root, 'test/fuzz/corpus', name);
  return readdirSync(folder).map((one) => readFileSync(join(folder, one)));
};
const texts = (...all: readonly string[]) => all.map((text) => Buffer.from(text));

const parser: Target = {
  name: 'parser',
  maxBytes: 64 * 1024,
  corpus: corpusOf('parser'),
  generate: (random) =>
    Buffer.from(Array.from({ length: 1 + random.below(5) }, () => `${conntrackLine(random)}\n`).join('')),
  run(bytes) {
    const scanner = new LineScanner();
    const addresses = new Uint8Array(64);
    const splitter = new LineSplitter((line, start, end, terminated) => {
      if (scanner.scan(line, start, end, terminated)) scanner.writeAddresses(addresses, 0);
    });
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(splitter.room, bytes.length - at, 999);
      splitter.buffer.set(bytes.subarray(at, at + count), splitter.filled);
      splitter.advance(count);
      at += count;
    }
    splitter.end();
  },
};

/** A dump of the kernel, in one buffer. */
const netlink: Target = {
  name: 'netlink',
  maxBytes: 16 * 1024,
  corpus: ['every-kind', 'every-kind-accounting-timestamps', 'traffic-node2'].map((name) =>
    Buffer.from(concat(readRecordedDump(join(root, `test/fixtures/tables/${name}.netlink.gz`))).subarray(0, 16 * 1024)),
  ),
  generate: (random) => Buffer.from(conntrackMessages(random)),
  async run(bytes) {
    const updater = new TableUpdater();
    const source = new NetlinkSource(messageSource([Uint8Array.from(bytes), done()]));
    for (const poll of [1, 2]) {
      updater.begin(poll * 1000, poll * 1000);
      // What the bytes say of an error is one.
      await source.read(updater).catch((error: Error) => {
        if (!/^(E[A-Z]+|errno -?\d+): /.test(error.message)) throw error;
      });
      updater.complete();
      const { table, unparsed } = updater;
      if (table.size + unparsed > bytes.length / nl.MESSAGE_HEADER_BYTES + 1)
        throw new Error(`${table.size} entries and ${unparsed} unparsed ones in ${bytes.length} bytes`);
    }
  },
};

/** What of one answer can be read is folded, as of an agent; an answer that cannot be read is the transport's to refuse. */
const wire: Target = {
  name: 'wire',
  maxBytes: 16 * 1024,
  corpus: [
    serializeResponse({ sequence: 1, snapshot: true, endOfPoll: true, poll: { entries: 1 } }),
    ...corpusOf('wire'),
  ],
  generate: (random) => Buffer.from(serializeResponse(watchResponse(random) as never)),
  run(bytes) {
    const messages = parsed(() => parseResponse(bytes));
    if (messages === undefined) return;
    const message = decodeResponse(messages, Date.now());
    if (message.poll !== undefined) cleanPoll(message.poll);
    const replica = new TableReplica();
    replica.applyMessage({ ...message, sequence: 1, snapshot: true });
    replica.applyMessage({ ...message, sequence: 2, snapshot: false });
  },
};

const agent: Target = {
  name: 'agent',
  maxBytes: 4 * 1024,
  corpus: texts(
    JSON.stringify({
      nodeName: 'node1',
      version: '1',
      source: 1,
      path: '/proc',
      candidates: [{ path: 'a', outcome: 'ok' }],
    }),
    JSON.stringify({
      nodeName: 7,
      entries: '18446744073709551615',
      counters: { drop: -1 },
      startedAt: { seconds: 'x' },
    }),
  ),
  run(bytes) {
    const answer = parsed(() => JSON.parse(bytes.toString('utf8')));
    if (typeof answer === 'object' && answer !== null && !Array.isArray(answer))
      // What proto-loader gives has all fields, of the right types.
      cleanInfo(
        decodeAgent({
          nodeName: '',
          version: '',
          path: '',
          candidates: [],
          subscribers: 0,
          ...onlyTyped(answer),
        } as never),
      );
  },
};

const recording: Target = {
  name: 'recording',
  maxBytes: 128 * 1024,
  corpus: [file('examples/shop.kflow').subarray(0, 64 * 1024)],
  async run(bytes, folder) {
    const path = join(folder, 'recording');
    writeFileSync(path, bytes);
    try {
      const opened = await Recording.open(path);
      try {
        let moments = 0;
        for await (const _ of opened.snapshots()) if (++moments > 200) break;
      } finally {
        await opened.close();
      }
    } catch (error) {
      if (!(error instanceof InvalidRecordingError)) throw error;
    }
  },
};

const filter: Target = {
  name: 'filter',
  maxBytes: 512,
  corpus: texts(
    'web !db port:443,8443',
    'from.ip:10.0.0.0/8 rate:>1M',
    '"a b" age:<1m state:syn_sent',
    '!to.pod:*x*',
    'ns:a,b',
  ),
  generate: (random) => Buffer.from(filterText(random)),
  run(bytes) {
    const text = bytes.toString('utf8');
    const found = parseFilter(text);
    if (found.ok) found.match(connection(), 0);
    else if (found.start < 0 || found.end > text.length || found.start > found.end || found.message === '')
      throw new Error(`characters ${found.start} to ${found.end} of ${text.length}`);
  },
};

const keys: Target = {
  name: 'keys',
  maxBytes: 4 * 1024,
  corpus: texts(
    'jk\x1b[A\x1bOP',
    '\x1b[200~a\nb\x1b[201~',
    '\x1b[<0;10;5M\x1b[<0;10;5m',
    '\x1b]11;rgb:0/0/0\x07é😀',
    '\x1b[?1;2c\x1bP+r\x1b\\',
  ),
  run(bytes) {
    const decoder = new InputDecoder();
    const events = [
      ...decoder.write(bytes.subarray(0, bytes.length >> 1)),
      ...decoder.write(bytes.subarray(bytes.length >> 1)),
      ...decoder.flush(),
    ];
    const whole = new InputDecoder();
    const same = [...whole.write(bytes), ...whole.flush()];
    if (JSON.stringify(events) !== JSON.stringify(same)) throw new Error('the events depend on where a read ended');
  },
};

const kubeconfig: Target = {
  name: 'kubeconfig',
  maxBytes: 8 * 1024,
  corpus: corpusOf('kubeconfig'),
  run(bytes, folder) {
    const path = join(folder, 'kubeconfig');
    writeFileSync(path, bytes);
    try {
      loadKubeClient({ kubeconfig: path }, {});
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
    }
  },
};

const OBJECTS: readonly unknown[] = corpusOf('objects').map((bytes) => JSON.parse(bytes.toString('utf8')));
const OBJECT_KEYS = [
  ...new Set([...OBJECTS.flatMap(keysOf), 'continue', 'resourceVersion', 'items', 'type', 'object', 'code']),
];

const objects: Target = {
  name: 'objects',
  maxBytes: 8 * 1024,
  corpus: corpusOf('objects'),
  generate: (random) => Buffer.from(JSON.stringify(withAnyPart(random, random.of(OBJECTS), OBJECT_KEYS))),
  run(bytes) {
    const object: unknown = parsed(() => JSON.parse(bytes.toString('utf8')));
    for (const read of [decodePod, decodeNode, decodeService, decodeEndpointSlice, decodeAgentPod]) read(object);
  },
};

/** A list and a watch of pods, as `followApi` takes them apart. */
function apiAnswers(pod: unknown): Buffer {
  const list = JSON.stringify({ metadata: { resourceVersion: '1' }, items: [pod] });
  const lines = ['ADDED', 'MODIFIED', 'BOOKMARK', 'DELETED'].map((type) => JSON.stringify({ type, object: pod }));
  return Buffer.from(`${list}\n${lines.join('\n')}\n`);
}

const api: Target = {
  name: 'api',
  maxBytes: 32 * 1024,
  corpus: OBJECTS.map(apiAnswers),
  generate(random) {
    const any = (value: unknown) => JSON.stringify(withAnyPart(random, value, OBJECT_KEYS));
    const list = { metadata: { resourceVersion: '1', continue: random.of(['', 'more']) }, items: OBJECTS };
    const events = OBJECTS.map((object) => any({ type: random.of(['ADDED', 'BOOKMARK', 'ERROR', 'DELETED']), object }));
    return Buffer.from(
      [random.below(2) === 0 ? any(list) : JSON.stringify({ ...list, metadata: {} }), ...events, ''].join('\n'),
    );
  },
  run: followApi,
};

const MESSAGES = [serializeResponse({ sequence: 1, snapshot: true, endOfPoll: true }), ...corpusOf('wire')].map((one) =>
  Buffer.from(one),
);
const framed = (message: Buffer) => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

const client: Target = {
  name: 'client',
  maxBytes: 32 * 1024,
  corpus: MESSAGES.map(framed),
  generate: (random) => framed(Buffer.from(serializeResponse(watchResponse(random) as never))),
  run: askBody,
};

const http2: Target = { name: 'http2', maxBytes: 32 * 1024, corpus: MESSAGES.map(serverFrames), run: askRaw };

/** What an API server, or an agent by it, sends over a port-forward. */
const spdy: Target = {
  name: 'spdy',
  maxBytes: 32 * 1024,
  corpus: [
    Buffer.concat([
      pingFrame(1),
      dataFrameHeader(1, 3),
      Buffer.from('abc'),
      synStreamFrame(1, { a: 'b' }, true, false),
    ]),
  ],
  generate: (random) => Buffer.concat(Array.from({ length: 1 + random.below(6) }, () => spdyFrame(random))),
  run(bytes) {
    const whole = spdyEvents([bytes]);
    for (const at of [1, 7, 8, 9, bytes.length >> 1])
      if (spdyEvents([bytes.subarray(0, at), bytes.subarray(at)]) !== whole)
        throw new Error(`the frames depend on where a read ended: ${at} of ${bytes.length}`);
  },
};

function spdyEvents(pieces: readonly Buffer[]): string {
  const events: string[] = [];
  const data = new Map<number, string>();
  const reader = new SpdyFrameReader({
    data: (stream, chunk) => data.set(stream, (data.get(stream) ?? '') + chunk.toString('latin1')),
    fin: (stream) => events.push(`fin ${stream}`),
    reset: (stream, status) => events.push(`reset ${stream} ${status}`),
    ping: (id) => events.push(`ping ${id}`),
    goAway: () => events.push('goAway'),
  });
  for (const piece of pieces) reader.push(piece);
  return JSON.stringify([events, ...data]);
}

/** Of any type and flags, of a length that is its own or not. */
function spdyFrame(random: Random): Buffer {
  const payload = Buffer.alloc(random.of([0, 4, 7, 8, 12, 1024, 1025, 3000]), random.below(256));
  const header = dataFrameHeader(random.of([0, 1, 3, 2 ** 31 - 1]), random.of([payload.length, random.below(20)]));
  if (random.below(2) === 0) {
    header.writeUInt16BE(0x8003, 0);
    header.writeUInt16BE(random.below(12), 2);
  }
  header[4] = random.of([0, 1, 2, 255]);
  return Buffer.concat([header, payload]);
}

export const TARGETS: readonly Target[] = [
  parser,
  netlink,
  wire,
  agent,
  recording,
  filter,
  keys,
  kubeconfig,
  objects,
  api,
  client,
  http2,
  spdy,
];

function parsed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  nodeName: 'string',
  version: 'string',
  path: 'string',
  entries: 'number',
  maxEntries: 'number',
};

function onlyTyped(answer: object): object {
  return Object.fromEntries(Object.entries(answer).filter(([name, value]) => typeof value === TYPES[name]));
}
