/**
 * The protocol of the reader's socket. A client sends one request of eight bytes and gets one reply: a header of eight bytes,
 * then frames. A frame is a length and whole netlink messages, as the kernel sent them. A frame of length 0 is a failure, and the
 * last frame. The reader closes the connection after the reply. Numbers are little endian, except in the kernel's messages.
 */
import type { SettingState } from '../../../wire/agent.ts';
import type { NetlinkRequest } from '../netlink/message-source.ts';

/** Folder of the reader's socket, on the nodes and in the pods of both agent and reader. */
export const READER_FOLDER = '/run/kflow';
export const READER_SOCKET = `${READER_FOLDER}/reader.sock`;

/** Incremented with each change that an older reader or agent would misread. */
export const READER_VERSION = 1;
export const REQUEST_BYTES = 8;
export const HEADER_BYTES = 8;
const LENGTH_BYTES = 4;
/** The buffer of the netlink socket has 64 KiB. */
export const MAX_FRAME_BYTES = 128 * 1024;
/** Maximum length of a failure's text. */
export const MAX_FAILURE_BYTES = 1_024;

const MAGIC = 0x524c464b; // "KFLR"
const REQUESTS: readonly NetlinkRequest[] = ['entries', 'size', 'counters'];
const STATES: readonly SettingState[] = ['unknown', 'off', 'on'];
const SET_BY_READER = 0x80;

/** A kernel setting in the node's network namespace. */
export interface ReaderSetting {
  readonly state: SettingState;
  /** The reader switched it on. */
  readonly isSetByReader: boolean;
}

export interface ReaderSettings {
  readonly accounting: ReaderSetting;
  readonly timestamping: ReaderSetting;
}

/** A failure that the reader reports. `errno`: of a netlink call; 0: another error. */
export interface ReaderFailure {
  readonly errno: number;
  readonly text: string;
}

export function encodeReaderRequest(what: NetlinkRequest): Buffer {
  const bytes = Buffer.alloc(REQUEST_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes[4] = READER_VERSION;
  bytes[5] = REQUESTS.indexOf(what);
  return bytes;
}

/** Returns undefined if it is not a request of this version. */
export function decodeReaderRequest(bytes: Buffer): NetlinkRequest | undefined {
  if (bytes.length !== REQUEST_BYTES || bytes.readUInt32LE(0) !== MAGIC || bytes[4] !== READER_VERSION)
    return undefined;
  return REQUESTS[bytes[5] ?? -1];
}

export function encodeReaderHeader({ accounting, timestamping }: ReaderSettings): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes[4] = READER_VERSION;
  bytes[5] = encodeSetting(accounting);
  bytes[6] = encodeSetting(timestamping);
  return bytes;
}

export type ReaderHeader =
  | { readonly ok: true; readonly settings: ReaderSettings }
  | { readonly ok: false; readonly message: string };

export function decodeReaderHeader(bytes: Buffer): ReaderHeader {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC)
    return { ok: false, message: 'what answers is not a kflow-reader' };
  const version = bytes[4];
  if (version !== READER_VERSION)
    return {
      ok: false,
      message: `the reader speaks version ${version}, this agent version ${READER_VERSION}: install both from one release`,
    };
  return { ok: true, settings: { accounting: decodeSetting(bytes[5]), timestamping: decodeSetting(bytes[6]) } };
}

/** A frame of whole netlink messages: their length, and a copy of them, since the kernel's next messages reuse their buffer. */
export function encodeFrame(messages: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + messages.length);
  frame.writeUInt32LE(messages.length);
  frame.set(messages, LENGTH_BYTES);
  return frame;
}

export function encodeFailure({ errno, text }: ReaderFailure): Buffer {
  const words = Buffer.from(text).subarray(0, MAX_FAILURE_BYTES);
  const bytes = Buffer.alloc(12 + words.length);
  bytes.writeUInt32LE(errno, 4);
  bytes.writeUInt32LE(words.length, 8);
  words.copy(bytes, 12);
  return bytes;
}

function encodeSetting({ state, isSetByReader }: ReaderSetting): number {
  return STATES.indexOf(state) | (isSetByReader ? SET_BY_READER : 0);
}

function decodeSetting(byte = 0): ReaderSetting {
  return { state: STATES[byte & ~SET_BY_READER] ?? 'unknown', isSetByReader: (byte & SET_BY_READER) !== 0 };
}
