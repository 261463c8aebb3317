import type { IncomingMessage } from 'node:http';
import { KubeError, singleLine, statusMessage } from '../errors.ts';
import { portForwardPermission } from '../viewer-permissions.ts';

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  /** For messages. */
  readonly node?: string;
}

/** The pod's port-forward on the API server, without the query. */
export function portForwardPath({ namespace, pod }: PodPort): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward`;
}

/** How a port-forward is carried. */
export interface Transport {
  /** Returns whether more may be written at once; if not, `sent` is called when this is out. */
  write(chunk: Buffer, sent: () => void): boolean;
  /** No data is taken from the API server until `resume`. */
  pause(): void;
  resume(): void;
  /** Asks the far end for a sign of life. */
  ping(): void;
  destroy(): void;
}

/** What a wire tells. */
export interface TransportEvents {
  /** From the pod. */
  data(chunk: Buffer): void;
  /** Anything at all came. */
  alive(): void;
  /** The kubelet failed; its text. */
  failed(text: string): void;
  /** The last call. `reason`: for an operator. */
  closed(reason: string): void;
}

export const CONNECTION_LOST = 'the connection to the API server was lost';
export const FORWARD_ENDED = 'the pod or its kubelet ended the port-forward';

/** Opening takes no longer than this: a frozen API server must not hold up its place in the row of dials. */
export const HANDSHAKE_TIMEOUT_MS = 8_000;
/** Written but not sent: above, a wire asks to wait. */
export const SEND_BUFFER_BYTES = 256 * 1024;
const ERROR_BODY_BYTES = 16 * 1024;

export function handshakeTimeoutError(): KubeError {
  return new KubeError(
    'unreachable',
    `the API server did not open the port-forward within ${HANDSHAKE_TIMEOUT_MS / 1000} s`,
  );
}

/** Why the API server did not open it, from its answer. */
export async function upgradeError(response: IncomingMessage, target: PodPort): Promise<KubeError> {
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
  return KubeError.fromResponse(status, body, portForwardPermission(target.namespace));
}

/** Of the kubelet's text only a part tells an operator something. */
export function describePodError(text: string, { port }: PodPort): string {
  const said = singleLine(text);
  if (/connection refused/i.test(said)) {
    return `nothing listens on 127.0.0.1:${port} in the pod (connection refused): the agent is starting, or has ended`;
  }
  if (/not found|not running|no such|does not exist/i.test(said)) return `the pod is gone or not running: ${said}`;
  return `port-forward: ${said}`;
}
