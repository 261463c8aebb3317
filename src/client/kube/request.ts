import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Kube } from './config.ts';
import { KubeError, type Right } from './errors.ts';

/** A dead peer is found after this and ten probes, one a second. */
const KEEPALIVE_MS = 5_000;
const ERROR_BODY_BYTES = 64 * 1024;

/**
 * Sends a GET with the kubeconfig's credentials, through client-node's agent (TLS, proxy), and resolves with a response of
 * status 200. Rejects with a KubeError. client-node's own calls are not used for lists and watches, because they make a
 * connection pool for each request and lose the body of a refused watch, which names the missing right.
 */
export async function get(kube: Kube, path: string, right: Right, signal: AbortSignal): Promise<IncomingMessage> {
  const url = new URL(kube.server + path);
  const options: RequestOptions = { headers: { accept: 'application/json' } };
  try {
    await kube.config.applyToHTTPSOptions(options);
  } catch (error) {
    throw credentialsError(error);
  }
  const patience = deadline(signal, kube.requestTimeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
      const request = send(url, { ...options, signal }, resolve);
      patience.signal.addEventListener('abort', () => request.destroy(patience.signal.reason), { once: true });
      request.on('error', reject);
      request.on('socket', (socket) => socket.setKeepAlive(true, KEEPALIVE_MS));
      request.end();
    });
    if (response.statusCode === 200) return response;
    const body = await readBody(response, ERROR_BODY_BYTES);
    throw KubeError.fromResponse(response.statusCode ?? 0, body, right);
  } catch (error) {
    throw KubeError.from(patience.signal.aborted ? patience.signal.reason : error, right);
  } finally {
    patience.clear();
  }
}

/** The whole answer, parsed. */
export async function getJson(kube: Kube, path: string, right: Right, signal: AbortSignal): Promise<unknown> {
  const patience = deadline(signal, kube.requestTimeoutMs);
  try {
    return JSON.parse(await readBody(await get(kube, path, right, patience.signal), Number.POSITIVE_INFINITY));
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
