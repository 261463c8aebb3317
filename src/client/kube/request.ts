import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Entry } from './access.ts';
import type { Kube } from './config.ts';
import { KubeError, type Right } from './errors.ts';

/** A dead peer is found after this and ten probes, one a second. */
const KEEPALIVE_MS = 5_000;
const ERROR_BODY_BYTES = 64 * 1024;

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** "/api/v1/pods?limit=1" */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Content type of the body. */
  readonly type?: string;
  readonly accept?: string;
}

export function get(kube: Kube, path: string, right: Right, signal: AbortSignal): Promise<IncomingMessage> {
  return send(kube, { method: 'GET', path }, right, signal);
}

export function getJson(kube: Kube, path: string, right: Right, signal: AbortSignal): Promise<unknown> {
  return sendJson(kube, { method: 'GET', path }, right, signal);
}

/**
 * Sends a request with the kubeconfig's credentials, and resolves with a response of a status from 200 to 299. Credentials that are
 * refused are renewed once. Rejects with a KubeError; `right` is what a refusal then names. client-node's own calls are not used,
 * because they make a connection pool for each request, lose the body of a refused watch, which names the missing right, and
 * drop what their own version does not know from objects.
 */
export async function send(
  kube: Kube,
  request: KubeRequest,
  right: Right | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return withEntry(kube, (entry) => sendOnce(kube, entry, request, right, signal));
}

/**
 * Makes an attempt with the kubeconfig's credentials; where they are refused (a KubeError of status 401) they are renewed, and it is
 * tried once more. Getting them has no deadline, for a plugin may ask people: whoever sets one does so in `attempt`.
 */
export async function withEntry<T>(kube: Kube, attempt: (entry: Entry) => Promise<T>): Promise<T> {
  const entry = await kube.access.enter();
  try {
    return await attempt(entry);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 401 || !(await entry.renew())) throw error;
  }
  return attempt(await kube.access.enter());
}

async function sendOnce(
  kube: Kube,
  entry: Entry,
  request: KubeRequest,
  right: Right | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const options: RequestOptions = {
    method: request.method,
    headers: {
      accept: request.accept ?? 'application/json',
      ...(body === undefined
        ? {}
        : { 'content-type': request.type ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  };
  const patience = deadline(signal, kube.requestTimeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      signal.throwIfAborted();
      const sent = entry.open(request.path, { ...options, signal });
      patience.signal.addEventListener('abort', () => sent.destroy(patience.signal.reason), { once: true });
      sent.on('response', resolve);
      sent.on('error', reject);
      sent.on('socket', (socket) => socket.setKeepAlive(true, KEEPALIVE_MS));
      sent.end(body);
    });
    const status = response.statusCode ?? 0;
    if (status >= 200 && status <= 299) return response;
    throw KubeError.fromResponse(status, await readBody(response, ERROR_BODY_BYTES), right);
  } catch (error) {
    throw KubeError.from(patience.signal.aborted ? patience.signal.reason : error, right);
  } finally {
    patience.clear();
  }
}

/** The whole answer, parsed. */
export async function sendJson(
  kube: Kube,
  request: KubeRequest,
  right: Right | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  return withEntry(kube, async (entry) => {
    const patience = deadline(signal, kube.requestTimeoutMs);
    try {
      const response = await sendOnce(kube, entry, request, right, patience.signal);
      return JSON.parse(await readBody(response, Number.POSITIVE_INFINITY));
    } catch (error) {
      throw KubeError.from(patience.signal.aborted ? patience.signal.reason : error, right);
    } finally {
      patience.clear();
    }
  });
}

async function readBody(response: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > most) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface Deadline {
  readonly signal: AbortSignal;
  clear(): void;
}

/** Aborts with `signal`, or when the time is over: then with a TimeoutError. 0: never. */
export function deadline(signal: AbortSignal, milliseconds: number): Deadline {
  const controller = new AbortController();
  const forward = () => controller.abort(signal.reason);
  if (signal.aborted) forward();
  signal.addEventListener('abort', forward, { once: true });
  const late = () => controller.abort(new DOMException(`no answer in ${milliseconds / 1000} s`, 'TimeoutError'));
  const timer = milliseconds > 0 ? setTimeout(late, milliseconds) : undefined;
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      signal.removeEventListener('abort', forward);
    },
  };
}
