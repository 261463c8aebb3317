import type { IncomingMessage } from 'node:http';
import WebSocket, { type ClientOptions } from 'ws';
import type { Kube } from '../kube/config.ts';
import { KubeError, oneLine, type Right, statusMessage } from '../kube/errors.ts';
import { credentialsError } from '../kube/request.ts';

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  /** For messages. */
  readonly node?: string;
}

/** Channels of the port-forward protocol, for its one port: the first byte of each message. */
const DATA = 0;
const ERROR = 1;
/** The first message of each channel is the port's number. */
const PORT_BYTES = 2;
const HANDSHAKE_MS = 8_000;
/** Unanswered pings until the way counts as dead: noticed within (PINGS + 1) × PING_MS, and sooner than 10 s. */
const PING_MS = 2_000;
const PINGS = 3;
/** Not sent yet: above, `write` asks to wait. */
const SEND_BUFFER_BYTES = 256 * 1024;
const ERROR_BODY_BYTES = 16 * 1024;

/**
 * One TCP connection to a port in a pod, through one WebSocket of the API server (client-node's PortForward is not used: it
 * buffers without bound what is not read, and tells neither the end of the WebSocket nor the body of a 403).
 */
export class PodStream {
  /** Resolves, with the reason, when the stream has ended, whoever ended it. */
  readonly ended: Promise<string>;
  /** It was `close` that ended it. */
  closedHere = false;
  /** What comes from the pod. While it is unset, the stream is paused after the first chunk. */
  #onData: ((chunk: Buffer) => void) | undefined;
  #early: Buffer[] = [];
  #greeted = [false, false];
  #unanswered = 0;
  #paused = false;
  #isEnded = false;
  #end: (reason: string) => void = () => {};
  readonly #socket: WebSocket;
  readonly #target: PodPort;

  private constructor(socket: WebSocket, target: PodPort) {
    this.#socket = socket;
    this.#target = target;
    this.ended = new Promise((resolve) => {
      this.#end = (reason) => {
        this.#isEnded = true;
        resolve(reason);
      };
    });
    socket.on('message', (data) => this.#message(data as Buffer));
    socket.on('close', (code, reason) => this.#end(closeWords(code, reason.toString('utf8'))));
    socket.on('error', (error) => this.#end(KubeError.from(error).message));
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    const timer = setInterval(() => this.#ping(), PING_MS);
    this.ended.then(() => {
      clearInterval(timer);
      socket.terminate();
    });
  }

  /** Rejects with a KubeError. That nothing listens on the port is told by `ended`, later. */
  static async open(kube: Kube, target: PodPort, signal: AbortSignal): Promise<PodStream> {
    const options: ClientOptions = { handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false };
    try {
      await kube.config.applyToHTTPSOptions(options);
    } catch (error) {
      throw credentialsError(error);
    }
    signal.throwIfAborted();
    const { namespace, pod, port } = target;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward`;
    const url = `${kube.server.replace(/^http/, 'ws')}${path}?ports=${port}`;
    const socket = new WebSocket(url, ['v4.channel.k8s.io'], options);
    const stream = new PodStream(socket, target);
    const abort = () => socket.terminate();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.on('open', resolve);
        socket.on('error', (error) => reject(signal.aborted ? signal.reason : handshakeError(error)));
        socket.on('unexpected-response', (request, response) => {
          refusal(response, target).then((error) => {
            reject(error);
            request.destroy();
          });
        });
      });
      return stream;
    } catch (error) {
      stream.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Hands over what comes from the pod, from the first byte on. Call it once. */
  read(onData: (chunk: Buffer) => void): void {
    this.#onData = onData;
    for (const chunk of this.#early) onData(chunk);
    this.#early = [];
    this.resume();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#unanswered = 0;
    this.#socket.resume();
  }

  /** Returns whether more may be written at once; if not, `sent` is called when this is out. */
  write(chunk: Buffer, sent: () => void): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return true;
    const message = Buffer.allocUnsafe(chunk.length + 1);
    message[0] = DATA;
    chunk.copy(message, 1);
    const full = this.#socket.bufferedAmount + message.length > SEND_BUFFER_BYTES;
    this.#socket.send(message, full ? sent : undefined);
    return !full;
  }

  /** Ends the stream at once. There is no half-close in this protocol: ending one direction ends both. */
  close(): void {
    if (this.#isEnded) return;
    this.closedHere = true;
    this.#end('closed');
  }

  #message(message: Buffer): void {
    this.#unanswered = 0;
    const channel = message[0];
    if (channel !== DATA && channel !== ERROR) return;
    let chunk = message.subarray(1);
    if (!this.#greeted[channel]) {
      this.#greeted[channel] = true;
      chunk = chunk.subarray(PORT_BYTES);
    }
    if (chunk.length === 0) return;
    if (channel === ERROR) this.#end(podErrorWords(chunk.toString('utf8'), this.#target));
    else if (this.#onData !== undefined) this.#onData(chunk);
    else {
      this.#early.push(chunk);
      this.pause();
    }
  }

  /** Counts pings, not time: a process that was busy or asleep must not take that for the other side's silence. */
  #ping(): void {
    // While paused nothing is read, so that no answer can come.
    if (this.#socket.readyState !== WebSocket.OPEN || this.#paused) return;
    if (this.#unanswered >= PINGS) {
      this.#end(`no answer for ${(PINGS * PING_MS) / 1000} s (node or API server not reachable)`);
      return;
    }
    this.#unanswered++;
    this.#socket.ping();
  }
}

function handshakeError(error: Error): KubeError {
  if (error.message.includes('handshake has timed out')) {
    return new KubeError('unreachable', `the API server did not open the port-forward within ${HANDSHAKE_MS / 1000} s`);
  }
  return KubeError.from(error);
}

async function refusal(response: IncomingMessage, target: PodPort): Promise<KubeError> {
  let body = '';
  try {
    for await (const chunk of response) {
      body += chunk;
      if (body.length > ERROR_BODY_BYTES) break;
    }
  } catch {
    // The status alone says enough.
  }
  const status = response.statusCode ?? 0;
  if (status >= 500) {
    const where = target.node === undefined ? "the pod's node" : `node ${target.node}`;
    return new KubeError('busy', `the kubelet of ${where} does not answer the API server: ${statusMessage(body)}`, {
      status,
    });
  }
  if (status === 404) return new KubeError('not-found', `pod ${target.namespace}/${target.pod} is gone`, { status });
  const right: Right = { verb: 'create', resource: 'pods/portforward', namespace: target.namespace };
  return KubeError.fromResponse(status, body, right);
}

function closeWords(code: number, reason: string): string {
  const said = oneLine(reason);
  if (said) return said;
  return code === 1006 ? 'the connection to the API server was lost' : 'the pod or its kubelet ended the port-forward';
}

/** Of the kubelet's text only its end tells an operator something. */
function podErrorWords(text: string, { port }: PodPort): string {
  const said = oneLine(text);
  if (/connection refused/i.test(said)) {
    return `nothing listens on 127.0.0.1:${port} in the pod (connection refused): the agent is starting, or has ended`;
  }
  if (/not found|not running|no such|does not exist/i.test(said)) return `the pod is gone or not running: ${said}`;
  return `port-forward: ${said}`;
}
