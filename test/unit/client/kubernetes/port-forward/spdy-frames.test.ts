import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import {
  dataFrameHeader,
  pingFrame,
  SpdyFrameReader,
  synStreamFrame,
} from '../../../../../src/client/kubernetes/port-forward/spdy-frames.ts';

/** What a reader tells, with parts of data put together. */
function read(pieces: readonly Buffer[]): string[] {
  const reported: string[] = [];
  const data = new Map<number, string>();
  const reader = new SpdyFrameReader({
    data: (stream, chunk) => data.set(stream, (data.get(stream) ?? '') + chunk.toString('hex')),
    fin: (stream) => reported.push(`fin ${stream}`),
    reset: (stream, status) => reported.push(`reset ${stream} ${status}`),
    ping: (id) => reported.push(`ping ${id}`),
    goAway: () => reported.push('goaway'),
  });
  for (const piece of pieces) reader.push(piece);
  return [...reported, ...[...data].map(([stream, hex]) => `data ${stream} ${hex}`).sort()];
}

function data(stream: number, bytes: Uint8Array, fin = false): Buffer {
  const header = dataFrameHeader(stream, bytes.length);
  if (fin) header[4] = 1;
  return Buffer.concat([header, bytes]);
}

const control = (type: number, payload: Buffer) =>
  Buffer.concat([Buffer.from([0x80, 3, 0, type, 0, 0, payload.length >> 8, payload.length & 0xff]), payload]);

describe('FrameReader', () => {
  it('reads each kind, and passes over what it does not know', () => {
    const bytes = Buffer.concat([
      control(2, Buffer.alloc(5000)),
      control(4, Buffer.alloc(12)),
      data(3, Buffer.from([1, 2])),
      pingFrame(8),
      data(1, Buffer.alloc(0), true),
      data(3, Buffer.from([3]), true),
      control(3, Buffer.from([0, 0, 0, 3, 0, 0, 0, 5])),
      control(7, Buffer.alloc(8)),
    ]);
    assert.deepEqual(read([bytes]), ['ping 8', 'fin 1', 'fin 3', 'reset 3 5', 'goaway', 'data 3 010203']);
  });

  it('tells the same of a control frame that is too long, however it is cut', () => {
    const long = control(6, Buffer.alloc(1045, 7));
    assert.deepEqual(read([long.subarray(0, 526), long.subarray(526)]), read([long]));
  });

  it('tells the same however the bytes are cut', () => {
    const frame = fc.oneof(
      fc.tuple(fc.constantFrom(1, 3), fc.uint8Array({ maxLength: 40 }), fc.boolean()).map((args) => data(...args)),
      fc.nat(1000).map(pingFrame),
      fc
        .tuple(fc.constantFrom(2, 4, 8, 9), fc.uint8Array({ maxLength: 40 }))
        .map(([type, bytes]) => control(type, Buffer.from(bytes))),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(60)), (frames, sizes) => {
        const whole = Buffer.concat(frames);
        const pieces: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          pieces.push(whole.subarray(at, at + size));
          at += size;
        }
        pieces.push(whole.subarray(at));
        assert.deepEqual(read(pieces), read([whole]));
      }),
    );
  });
});

describe('synStream', () => {
  it('puts its headers in one zlib stream, flushed after each frame', () => {
    const frames = [
      synStreamFrame(1, { streamtype: 'error', port: '7' }, true, true),
      synStreamFrame(3, { a: 'ä' }, false, false),
    ];
    assert.deepEqual(
      frames.map((frame) => [frame.readUInt32BE(8), frame[4]]),
      [
        [1, 1],
        [3, 0],
      ],
    );
    for (const frame of frames) assert.equal(frame.readUIntBE(5, 3), frame.length - 8);
    const blocks = frames.map((frame) => frame.subarray(18));
    const text = inflateSync(Buffer.concat(blocks), { finishFlush: constants.Z_SYNC_FLUSH });
    const expected = Buffer.from(
      '\0\0\0\x02\0\0\0\x0astreamtype\0\0\0\x05error\0\0\0\x04port\0\0\0\x017\0\0\0\x01\0\0\0\x01a\0\0\0\x02ä',
    );
    assert.deepEqual(text, expected);
    const first = inflateSync(blocks[0] ?? '', { finishFlush: constants.Z_SYNC_FLUSH });
    assert.deepEqual(first, expected.subarray(0, first.length));
  });
});
