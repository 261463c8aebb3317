import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type MessageSource, type NetlinkRequest, SEQUENCE } from '../../src/agent/conntrack/netlink/message-source.ts';
import * as nl from '../../src/agent/conntrack/netlink/parse/numbers.ts';

/** What a kernel answered to a request for its table, as `record-tables` wrote it: buffer by buffer. */
export function readRecordedDump(path: string): Uint8Array[] {
  const lines = gunzipSync(readFileSync(path)).toString('latin1').trim().split('\n');
  return lines.map((line) => Uint8Array.from(Buffer.from(line, 'base64')));
}

/** A source of these answers: one request after another gets the next; the last one again and again. */
export function messageSource(
  ...answers: readonly (readonly Uint8Array[] | Error)[]
): MessageSource & { asked: number } {
  return {
    path: 'netlink',
    settings: 'own',
    asked: 0,
    async *request(what: NetlinkRequest) {
      if (what !== 'entries') throw new Error(`not here: ${what}`);
      const answer = answers[Math.min(this.asked++, answers.length - 1)] ?? [];
      if (answer instanceof Error) throw answer;
      yield* answer;
    },
  };
}

/** An attribute; numbers of `bytes` are big-endian. */
export function attribute(type: number, content: Uint8Array | readonly Uint8Array[]): Uint8Array {
  const inner = content instanceof Uint8Array ? content : concat(content);
  const bytes = new Uint8Array((nl.ATTRIBUTE_HEADER_BYTES + inner.length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, nl.ATTRIBUTE_HEADER_BYTES + inner.length, nl.LITTLE_ENDIAN);
  view.setUint16(2, type | (content instanceof Uint8Array ? 0 : 0x8000), nl.LITTLE_ENDIAN);
  bytes.set(inner, nl.ATTRIBUTE_HEADER_BYTES);
  return bytes;
}

export function number(type: number, bytes: 1 | 2 | 4 | 8, value: number | bigint): Uint8Array {
  const content = new Uint8Array(bytes);
  let left = BigInt(value);
  for (let at = bytes - 1; at >= 0; at--) {
    content[at] = Number(left & 0xffn);
    left >>= 8n;
  }
  return attribute(type, content);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

interface Message {
  readonly type?: number;
  readonly flags?: number;
  readonly sequence?: number;
}

/** A message of netlink around some content. */
export function message(content: Uint8Array, { type = nl.CT_NEW, flags = 2, sequence = SEQUENCE }: Message = {}) {
  const bytes = new Uint8Array((nl.MESSAGE_HEADER_BYTES + content.length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nl.MESSAGE_HEADER_BYTES + content.length, nl.LITTLE_ENDIAN);
  view.setUint16(4, type, nl.LITTLE_ENDIAN);
  view.setUint16(6, flags, nl.LITTLE_ENDIAN);
  view.setUint32(8, sequence, nl.LITTLE_ENDIAN);
  bytes.set(content, nl.MESSAGE_HEADER_BYTES);
  return bytes;
}

/** The end of an answer: 0, or a number of errno. */
export function done(errno = 0, { type = nl.NLMSG_DONE, flags = 2 }: Message = {}): Uint8Array {
  const content = new Uint8Array(4);
  new DataView(content.buffer).setInt32(0, -errno, nl.LITTLE_ENDIAN);
  return message(content, { type, flags });
}

interface Ends {
  readonly protocol?: number;
  readonly port?: number;
  readonly zone?: number | undefined;
}

/** One direction's tuple: IPv4, 10.0.0.1 to 10.0.0.2, or back. */
export function tuple(type: number, { protocol = 6, port = 4000, zone }: Ends = {}): Uint8Array {
  const isReply = type === nl.CTA_TUPLE_REPLY;
  const address = (last: number) => Uint8Array.of(10, 0, 0, last);
  return attribute(type, [
    attribute(nl.CTA_TUPLE_IP, [
      attribute(nl.CTA_IP_V4_SRC, address(isReply ? 2 : 1)),
      attribute(nl.CTA_IP_V4_DST, address(isReply ? 1 : 2)),
    ]),
    attribute(nl.CTA_TUPLE_PROTO, [
      number(nl.CTA_PROTO_NUM, 1, protocol),
      number(nl.CTA_PROTO_SRC_PORT, 2, isReply ? 80 : port),
      number(nl.CTA_PROTO_DST_PORT, 2, isReply ? port : 80),
    ]),
    ...(zone === undefined ? [] : [number(nl.CTA_TUPLE_ZONE, 2, zone)]),
  ]);
}

/** An entry: these attributes behind the two tuples and a status. */
export function entry(ends: Ends = {}, status = nl.IPS_SEEN_REPLY, ...attributes: readonly Uint8Array[]): Uint8Array {
  return message(
    concat([
      Uint8Array.of(nl.AF_INET, 0, 0, 0),
      tuple(nl.CTA_TUPLE_ORIG, ends),
      tuple(nl.CTA_TUPLE_REPLY, { ...ends, zone: undefined }),
      number(nl.CTA_STATUS, 4, status),
      ...attributes,
    ]),
  );
}

export function counters(type: number, packets: number | bigint, bytes: number | bigint): Uint8Array {
  return attribute(type, [number(nl.CTA_COUNTERS_PACKETS, 8, packets), number(nl.CTA_COUNTERS_BYTES, 8, bytes)]);
}
