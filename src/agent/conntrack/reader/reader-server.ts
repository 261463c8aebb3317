import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Log } from '../../log.ts';
import { isListening, withSocketMode } from '../../unix-socket.ts';
import { CpuMeter } from '../cpu-meter.ts';
import { type MessageSource, type NetlinkRequest, SEQUENCE } from '../netlink/message-source.ts';
import { NetlinkError } from '../netlink/netlink-error.ts';
import { AnswerReader, NO_SINK } from '../netlink/parse/messages.ts';
import {
  decodeReaderRequest,
  encodeFailure,
  encodeFrame,
  encodeReaderHeader,
  READER_FOLDER,
  REQUEST_BYTES,
  type ReaderSettings,
} from './protocol.ts';

export interface ReaderServerOptions {
  readonly messages: MessageSource;
  /** Called for each reply. */
  readonly settings: () => ReaderSettings;
  /** Returns why reading is not allowed; undefined if it is allowed. Called for each request. */
  readonly refusal: () => string | undefined;
  readonly log: Log;
  /** Closes a client that reads nothing for this long. */
  readonly stallMs?: number;
  /** How often the reader checks that its socket is still there. */
  readonly checkMs?: number;
  /** A reply ends after this time, even if the client reads steadily. */
  readonly answerMs?: number;
}

export interface RunningReader {
  close(): void;
}

/** A node has one agent, and briefly a second one during a rollout. */
const MAX_CLIENTS = 8;
/** A request is eight bytes. */
const REQUEST_TIMEOUT_MS = 5_000;
const STALL_MS = 10_000;
const CHECK_MS = 5_000;
/** A dump of a million entries takes a few seconds. */
const MAX_ANSWER_MS = 30_000;
/** A slow client must not block the next one. */
const MAX_CONCURRENT_ANSWERS = 2;
/** The socket and its folder belong to root and group 0. The agent runs with that group. */
const FOLDER_MODE = 0o750;
const SOCKET_MASK = 0o117;
/** The unsent data is limited to one kernel buffer. */
const SEND_BUFFER_BYTES = 64 * 1024;

/**
 * Serves the kernel's replies unchanged to anyone who can open the socket. It sends two replies at a time; other requests wait for
 * their turn.
 */
export async function serveReader(path: string, options: ReaderServerOptions): Promise<RunningReader> {
  const { log } = options;
  const waiting: (() => Promise<void>)[] = [];
  let answering = 0;
  const next = (): void => {
    const begin = answering < MAX_CONCURRENT_ANSWERS ? waiting.shift() : undefined;
    if (begin === undefined) return;
    answering++;
    void begin().finally(() => {
      answering--;
      next();
    });
  };
  const clients = new Set<Socket>();
  const onClient = (socket: Socket): void => {
    socket.on('error', () => socket.destroy());
    socket.once('close', () => clients.delete(socket));
    clients.add(socket);
    readRequest(socket, (what) => {
      waiting.push(() => answer(socket, what, options).catch((error: unknown) => log.info(describe(error))));
      next();
    });
  };
  let listener = await openListener(path, onClient, log);
  // Without its socket a reader is unreachable: somebody removed it, or a second reader replaced it and then ended.
  const checking = setInterval(async () => {
    if (!(await isAbandoned(path, listener.inode))) return;
    log.info(`${path} is gone: listening again`);
    listener.server.close();
    try {
      listener = await openListener(path, onClient, log);
    } catch (error) {
      log.info(describe(error));
    }
  }, options.checkMs ?? CHECK_MS);
  checking.unref();
  return {
    close() {
      clearInterval(checking);
      listener.server.close();
      for (const socket of clients) socket.destroy();
      // A newer reader may have put its own socket there.
      if (inodeOf(path) === listener.inode) rmSync(path, { force: true });
    },
  };
}

interface Listener {
  readonly server: Server;
  readonly inode: number | undefined;
}

async function openListener(path: string, onClient: (socket: Socket) => void, log: Log): Promise<Listener> {
  prepareFolder(path);
  const server = createServer({ highWaterMark: SEND_BUFFER_BYTES }, onClient);
  server.maxConnections = MAX_CLIENTS;
  // Create the socket under another name first: a client would be refused between creation and listen. The rename replaces an old socket
  // atomically.
  const fresh = `${path}.${process.pid}`;
  rmSync(fresh, { force: true });
  await listen(server, fresh);
  server.on('error', (error) => log.info(describe(error)));
  renameSync(fresh, path);
  return { server, inode: inodeOf(path) };
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

/** Whether nobody listens at the path: neither this reader nor another one. */
async function isAbandoned(path: string, own: number | undefined): Promise<boolean> {
  const inode = inodeOf(path);
  if (inode === undefined) return true;
  if (inode === own) return false;
  return !(await isListening(path));
}

function prepareFolder(path: string): void {
  const folder = dirname(path);
  const isNew = lstatSync(folder, { throwIfNoEntry: false }) === undefined;
  // Not with its parents: that never ends below /proc.
  if (isNew) mkdirSync(folder, { mode: FOLDER_MODE });
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) throw new Error(`${folder} is not a folder`);
  if (stat.uid !== process.getuid?.())
    throw new Error(`${folder} belongs to another user, who could put a socket of their own there`);
  // The kubelet makes this folder for anyone to enter. Another folder that was there before belongs to somebody else, as /etc does: the
  // socket's own mode keeps others out.
  if (isNew || folder === READER_FOLDER) chmodSync(folder, FOLDER_MODE);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isSocket()) throw new Error(`${path} is there, and is not a socket`);
}

function listen(server: Server, path: string): Promise<void> {
  const start = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  return withSocketMode(start, SOCKET_MASK);
}

function readRequest(socket: Socket, onRequest: (what: NetlinkRequest) => void): void {
  const late = setTimeout(() => socket.destroy(), REQUEST_TIMEOUT_MS);
  let bytes = Buffer.alloc(0);
  socket.once('close', () => clearTimeout(late));
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk.subarray(0, REQUEST_BYTES + 1)]);
    if (bytes.length < REQUEST_BYTES) return;
    const what = decodeReaderRequest(bytes);
    clearTimeout(late);
    socket.removeAllListeners('data');
    // The protocol allows nothing after the request.
    socket.on('data', () => socket.destroy());
    // A request of another version gets this version's header, so that the client can report the mismatch.
    if (what === undefined) finish(socket, encodeReaderHeader(NOTHING_KNOWN));
    else onRequest(what);
  });
}

const UNKNOWN = { state: 'unknown', isSetByReader: false } as const;
const NOTHING_KNOWN: ReaderSettings = { accounting: UNKNOWN, timestamping: UNKNOWN };

async function answer(socket: Socket, what: NetlinkRequest, options: ReaderServerOptions): Promise<void> {
  if (socket.destroyed) return;
  const { messages, settings, refusal, log, stallMs = STALL_MS } = options;
  const abort = new AbortController();
  const onClose = () => abort.abort(new Error('the client has gone'));
  socket.once('close', onClose);
  const late = setTimeout(() => socket.destroy(), options.answerMs ?? MAX_ANSWER_MS);
  socket.once('close', () => clearTimeout(late));
  try {
    const refused = refusal();
    if (refused !== undefined) {
      finish(socket, Buffer.concat([encodeReaderHeader(settings()), encodeFailure({ errno: 0, text: refused })]));
      return;
    }
    socket.write(encodeReaderHeader(settings()));
    // The reader looks only for the end of a reply. The agent parses the messages.
    const end = new AnswerReader(SEQUENCE, NO_SINK);
    let sentBytes = 0;
    for await (const buffer of messages.request(what, new CpuMeter(), abort.signal)) {
      sentBytes += buffer.length;
      if (!socket.write(encodeFrame(buffer))) await drained(socket, stallMs, abort.signal);
      if (end.read(buffer) !== undefined) break;
    }
    finish(socket);
    log.debug(`answered ${what} with ${sentBytes} bytes`);
  } catch (error) {
    if (socket.destroyed) return;
    const errno = error instanceof NetlinkError ? error.errno : 0;
    finish(socket, encodeFailure({ errno, text: describe(error) }));
  } finally {
    socket.off('close', onClose);
  }
}

/** Closes the connection once the rest is sent, even if the client keeps its side open. */
function finish(socket: Socket, rest?: Buffer): void {
  if (rest !== undefined) socket.write(rest);
  socket.destroySoon();
}

/** Resolves when the client has read the data sent so far. */
async function drained(socket: Socket, stallMs: number, signal: AbortSignal): Promise<void> {
  const stalled = setTimeout(() => socket.destroy(), stallMs);
  try {
    await once(socket, 'drain', { signal });
  } finally {
    clearTimeout(stalled);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
