import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { MAX_FRAME_BYTES } from '../model/limits.ts';
import { CorruptDataError } from './codec/bytes.ts';

/**
 * A recording is a line of text, which names the format and its version, and then frames: a header of 16 bytes, and a payload.
 *
 *     u32 bytes of payload · u32 milliseconds since the start · u8 kind · u8 packing · u16 check of these · u32 CRC-32 of the payload
 *
 * A payload is packed with what was in the frames before it, from the last keyframe on. A reader skips kinds of frames that
 * it does not know. A new minor version adds fields and kinds; a new major one cannot be read by what came before it.
 */
export const FORMAT = { major: 1, minor: 1 } as const;
export const FIRST_LINE = `kflow recording ${FORMAT.major}.${FORMAT.minor}\n`;
/** No first line is longer. */
export const MAX_FIRST_LINE = 64;
export const FRAME_HEADER_BYTES = 16;

/** A keyframe of very many connections is split into several frames, so that other work can run in between. */
export const FRAME_KIND = {
  about: 1,
  difference: 2,
  keyframe: 3,
  end: 4,
  keyframeBegins: 5,
  keyframeContinues: 6,
  keyframeEnds: 7,
  /** A part of a difference that is too large for one frame: its snapshot is not complete yet. */
  differencePart: 8,
} as const;

const PACKING = { none: 0, deflate: 1 } as const;
const WINDOW = 32_768;
const MIN_PACKED_BYTES = 32;
/** Larger frames are compressed at a lower level, for speed. */
const MIN_LARGE_FRAME_BYTES = 2 ** 20;

export interface FrameHeader {
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly kind: number;
  readonly packing: number;
  readonly crc: number;
}

/** Undefined: the header is damaged or truncated. */
export function parseFrameHeader(bytes: Buffer): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES || bytes.readUInt16LE(10) !== (crc32(bytes.subarray(0, 10)) & 0xffff))
    return undefined;
  const head = {
    bytes: bytes.readUInt32LE(0),
    elapsedMs: bytes.readUInt32LE(4),
    kind: bytes.readUInt8(8),
    packing: bytes.readUInt8(9),
    crc: bytes.readUInt32LE(12),
  };
  return head.bytes <= MAX_FRAME_BYTES ? head : undefined;
}

/** Compresses and decompresses payloads, with the payloads since the last keyframe as dictionary. */
export class FrameEncoder {
  #window: Buffer = Buffer.alloc(0);

  pack(kind: number, elapsedMs: number, payload: Buffer): Buffer {
    const dictionary = this.#before(kind);
    const packed =
      payload.length < MIN_PACKED_BYTES
        ? payload
        : deflateRawSync(payload, {
            ...(dictionary.length > 0 ? { dictionary } : {}),
            level: payload.length < MIN_LARGE_FRAME_BYTES ? 6 : 1,
          });
    const smaller = packed.length < payload.length;
    const body = smaller ? packed : payload;
    this.#remember(payload);
    const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + body.length);
    frame.writeUInt32LE(body.length, 0);
    frame.writeUInt32LE(Math.max(0, Math.min(Math.round(elapsedMs), 0xffffffff)), 4);
    frame.writeUInt8(kind, 8);
    frame.writeUInt8(smaller ? PACKING.deflate : PACKING.none, 9);
    frame.writeUInt16LE(crc32(frame.subarray(0, 10)) & 0xffff, 10);
    frame.writeUInt32LE(crc32(body), 12);
    body.copy(frame, FRAME_HEADER_BYTES);
    return frame;
  }

  /** Throws CorruptDataError. */
  unpack(head: FrameHeader, body: Buffer): Buffer {
    const dictionary = this.#before(head.kind);
    const payload = unpacked(head, body, dictionary);
    this.#remember(payload);
    return payload;
  }

  #before(kind: number): Buffer {
    if (kind === FRAME_KIND.keyframe || kind === FRAME_KIND.keyframeBegins) this.#window = Buffer.alloc(0);
    return this.#window;
  }

  #remember(payload: Buffer): void {
    this.#window =
      payload.length >= WINDOW
        ? Buffer.from(payload.subarray(-WINDOW))
        : Buffer.concat([this.#window.subarray(-(WINDOW - payload.length)), payload]);
  }
}

function unpacked(head: FrameHeader, body: Buffer, dictionary: Buffer): Buffer {
  if (crc32(body) !== head.crc) throw new CorruptDataError('its checksum is wrong');
  if (head.packing === PACKING.none) return body;
  if (head.packing !== PACKING.deflate) throw new CorruptDataError('unknown compression');
  try {
    return inflateRawSync(body, {
      ...(dictionary.length > 0 ? { dictionary } : {}),
      maxOutputLength: MAX_FRAME_BYTES,
    });
  } catch {
    throw new CorruptDataError('it cannot be unpacked');
  }
}
