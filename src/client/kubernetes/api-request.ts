import type { IncomingMessage, RequestOptions } from 'node:http';
import { longTimeout } from '../async/long-timer.ts';
import { MAX_API_OBJECT_BYTES, MAX_API_PAGE_BYTES, MAX_JSON_VALUES, MIN_COUNTED_JSON_LENGTH } from '../model/limits.ts';
import { ByteBuffer } from './byte-buffer.ts';
import type { AccessGrant } from './cluster-access.ts';
import type { KubeClient } from './config.ts';
import { KubeError, type Permission, singleLine } from './errors.ts';
import { proxyConnectionError, proxyError } from './http-transport.ts';
import { isRecord } from './json-readers.ts';

/** A dead peer is found after this and ten probes, one a second. */
const KEEPALIVE_MS = 5_000;
const MAX_ERROR_BODY_BYTES = 64 * 1024;

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** "/api/v1/pods?limit=1" */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Content type of the body. */
  readonly type?: string;
  readonly accept?: string;
  /** Maximum size of the response. Default: `MAX_API_OBJECT_BYTES`. */
  readonly maxBytes?: number;
}

/** A JSON object with unchecked fields. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function get(kube: KubeClient, path: string, right: Permission, signal: AbortSignal): Promise<IncomingMessage> {
  return send(kube, { method: 'GET', path }, right, signal);
}

export function getJson(kube: KubeClient, path: string, right: Permission, signal: AbortSignal): Promise<JsonObject> {
  return sendJson(kube, { method: 'GET', path }, right, signal);
}

/** A page of a list with unchecked items. Rejects with `too-large` if it exceeds `MAX_API_PAGE_BYTES`. */
export async function getPage(
  kube: KubeClient,
  path: string,
  right: Permission,
  signal: AbortSignal,
): Promise<ListPage> {
  const page = await sendJson(kube, { method: 'GET', path, maxBytes: MAX_API_PAGE_BYTES }, right, signal);
  return listPage(page, right.resource);
}

export interface ListPage {
  readonly items: readonly unknown[];
  /** '': there is no further page. */
  readonly next: string;
  readonly version: string;
}

/** Throws if it is not a list. */
export function listPage(page: JsonObject, resource: string): ListPage {
  const { items, metadata } = page;
  const odd = (why: string) => new KubeError('other', `the API server's list of ${resource} is invalid: ${why}`);
  if (!isRecord(metadata)) throw odd('it has no metadata');
  // Some servers send an empty list as null.
  if (items !== undefined && items !== null && !Array.isArray(items)) throw odd('its items are not a list');
  if (!(items ?? []).every(isRecord)) throw odd('it has an item that is not an object');
  const { continue: next, resourceVersion: version } = metadata;
  return {
    items: items ?? [],
    next: typeof next === 'string' ? next : '',
    version: typeof version === 'string' ? version : '',
  };
}

/**
 * Sends a request with the kubeconfig's credentials, and resolves with a response of a status from 200 to 299. Refused credentials
 * are renewed once. Rejects with a KubeError; a refusal names the permission `right`. client-node's own calls are not used,
 * because they create a connection pool for each request, lose the body of a refused watch, which names the missing permission, and
 * drop object fields that their own version does not know.
 */
export async function send(
  kube: KubeClient,
  request: KubeRequest,
  right: Permission | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return withEntry(kube, (entry) => sendOnce(kube, entry, request, right, signal));
}

/**
 * Makes an attempt with the kubeconfig's credentials. If they are refused (a KubeError of status 401), they are renewed, and it
 * tries once more. Getting credentials has no deadline, because a plugin may prompt the user: a caller sets one in `attempt`.
 */
export async function withEntry<T>(kube: KubeClient, attempt: (entry: AccessGrant) => Promise<T>): Promise<T> {
  const entry = await kube.access.authorize();
  try {
    return await attempt(entry);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 401 || !(await entry.renew())) throw error;
  }
  return attempt(await kube.access.authorize());
}

async function sendOnce(
  kube: KubeClient,
  entry: AccessGrant,
  request: KubeRequest,
  right: Permission | undefined,
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
  const timeout = deadline(signal, kube.requestTimeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      signal.throwIfAborted();
      const sent = entry.open(request.path, { ...options, signal });
      timeout.signal.addEventListener('abort', () => sent.destroy(timeout.signal.reason), { once: true });
      sent.on('response', resolve);
      // An unrequested protocol upgrade. Without this handler, node ends the request without an error.
      sent.on('upgrade', (_, socket) => {
        socket.destroy();
        reject(new KubeError('other', 'the API server answered with another protocol (101)'));
      });
      sent.on('error', reject);
      sent.on('socket', (socket) => socket.setKeepAlive(true, KEEPALIVE_MS));
      sent.end(body);
    });
    const status = response.statusCode ?? 0;
    if (status >= 200 && status <= 299) return response;
    const said = await readBody(response, MAX_ERROR_BODY_BYTES);
    const { asksProxy } = entry;
    // An API server sends a Status; any other refusal comes from the proxy.
    if (asksProxy !== undefined && !isStatus(said))
      throw proxyError(asksProxy, `answered ${status} ${singleLine(response.statusMessage ?? '')}`.trim());
    throw KubeError.fromResponse(status, said, right);
  } catch (error) {
    const { asksProxy } = entry;
    const isProxyError = asksProxy !== undefined && !(error instanceof KubeError) && !timeout.signal.aborted;
    if (isProxyError) throw proxyConnectionError(asksProxy, error);
    throw KubeError.from(timeout.signal.aborted ? timeout.signal.reason : error, right);
  } finally {
    timeout.clear();
  }
}

/** Parses the whole response as an object. */
export async function sendJson(
  kube: KubeClient,
  request: KubeRequest,
  right: Permission | undefined,
  signal: AbortSignal,
): Promise<JsonObject> {
  return withEntry(kube, async (entry) => {
    const timeout = deadline(signal, kube.requestTimeoutMs);
    try {
      const response = await sendOnce(kube, entry, request, right, timeout.signal);
      const most = request.maxBytes ?? MAX_API_OBJECT_BYTES;
      return parseObject(await readBody(response, most, () => tooLarge(most)));
    } catch (error) {
      throw KubeError.from(timeout.signal.aborted ? timeout.signal.reason : error, right);
    } finally {
      timeout.clear();
    }
  });
}

/** The body as text. If it is longer than `most`: its beginning, or the error of `tooLong`. */
async function readBody(response: IncomingMessage, most: number, tooLong?: () => Error): Promise<string> {
  const body = new ByteBuffer();
  for await (const chunk of response as AsyncIterable<Buffer>) {
    body.add(chunk);
    if (body.length <= most) continue;
    if (tooLong !== undefined) throw tooLong();
    break;
  }
  return body.take();
}

function isStatus(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) && value.kind === 'Status';
  } catch {
    return false;
  }
}

function tooLarge(most: number): KubeError {
  return new KubeError('too-large', `the API server sent more than ${most / 1024 ** 2} MiB in one answer`);
}

/** Throws a KubeError if it is not an object, or would take too much memory. */
export function parseObject(json: string): JsonObject {
  if (json.length > MIN_COUNTED_JSON_LENGTH && countValues(json, MAX_JSON_VALUES) > MAX_JSON_VALUES)
    throw new KubeError(
      'too-large',
      `the API server sent more than ${MAX_JSON_VALUES / 1e6} million values in one answer`,
    );
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new KubeError('other', "the API server's answer is not JSON", { cause: error });
  }
  if (!isRecord(value)) throw new KubeError('other', "the API server's answer is not a JSON object");
  return value;
}

/** Counts commas and open brackets outside of strings, up to `most`: three bytes of JSON may become an object of a hundred. */
function countValues(json: string, most: number): number {
  let count = 0;
  for (let at = 0; at < json.length && count <= most; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfText(json, at + 1);
    else if (code === COMMA || code === BRACKET || code === BRACE) count++;
  }
  return count;
}

function endOfText(json: string, from: number): number {
  for (let at = json.indexOf('"', from); at >= 0; at = json.indexOf('"', at + 1)) {
    let escapes = 0;
    while (json.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return at;
  }
  return json.length;
}

const [QUOTE, COMMA, BRACKET, BRACE, BACKSLASH] = [0x22, 0x2c, 0x5b, 0x7b, 0x5c];

interface RequestDeadline {
  readonly signal: AbortSignal;
  clear(): void;
}

/**
 * Aborts with `signal`, or with a TimeoutError when the time is over. 0: no limit. It replaces `AbortSignal.any` and `.timeout`: those
 * leave a listener on a signal that lives as long as the session, and a timer of an hour for each watch that has ended.
 */
export function deadline(signal: AbortSignal, milliseconds: number): RequestDeadline {
  const controller = new AbortController();
  const forward = () => controller.abort(signal.reason);
  if (signal.aborted) forward();
  signal.addEventListener('abort', forward, { once: true });
  const late = () => controller.abort(new DOMException(`timed out after ${milliseconds / 1000}s`, 'TimeoutError'));
  const stop = milliseconds > 0 ? longTimeout(late, milliseconds) : () => {};
  return {
    signal: controller.signal,
    clear() {
      stop();
      signal.removeEventListener('abort', forward);
    },
  };
}
