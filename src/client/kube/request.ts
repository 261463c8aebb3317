import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
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
 * Sends a request with the kubeconfig's credentials, through client-node's agent (TLS, proxy), and resolves with a
 * response of a status from 200 to 299. Rejects with a KubeError; `right` is what a refusal then names. client-node's own
 * calls are not used, because they make a connection pool for each request, lose the body of a refused watch, which names
 * the missing right, and drop what their own version does not know from objects.
 */
export async function send(
  kube: Kube,
  request: KubeRequest,
  right: Right | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(kube.server + request.path);
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
  try {
    await kube.config.applyToHTTPSOptions(options);
  } catch (error) {
    throw credentialsError(error);
  }
  const patience = deadline(signal, kube.requestTimeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const open = url.protocol === 'http:' ? httpRequest : httpsRequest;
      const sent = open(url, { ...options, signal }, resolve);
      patience.signal.addEventListener('abort', () => sent.destroy(patience.signal.reason), { once: true });
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
  const patience = deadline(signal, kube.requestTimeoutMs);
  try {
    const response = await send(kube, request, right, patience.signal);
    return JSON.parse(await readBody(response, Number.POSITIVE_INFINITY));
  } catch (error) {
    throw KubeError.from(patience.signal.aborted ? patience.signal.reason : error, right);
  } finally {
    patience.clear();
  }
}

/** An exec plugin that fails, a client certificate that is not there. */
export function credentialsError(error: unknown): KubeError {
  return new KubeError('config', `the kubeconfig's credentials cannot be used: ${(error as Error).message}`, {
    cause: error,
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
