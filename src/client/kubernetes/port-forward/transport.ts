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

/** The protocol below a port-forward. */
export interface Transport {
  /** Returns whether more may be written at once; if not, `sent` is called once this data is sent. */
  write(chunk: Buffer, sent: () => void): boolean;
  /** Stops reading from the API server until `resume`. */
  pause(): void;
  resume(): void;
  /** Sends a ping. */
  ping(): void;
  destroy(): void;
}

/** Events of a transport. */
export interface TransportEvents {
  /** Data from the pod. */
  data(chunk: Buffer): void;
  /** Any message came. */
  alive(): void;
  /** The kubelet failed; its text. */
  failed(text: string): void;
  /** The last call. `reason`: for an operator. */
  closed(reason: string): void;
}

export const CONNECTION_LOST = 'the connection to the API server was lost';
export const FORWARD_ENDED = 'the pod or its kubelet ended the port-forward';

/** Timeout for opening: a frozen API server must not block other dials. */
export const HANDSHAKE_TIMEOUT_MS = 8_000;
/** Written but unsent bytes, above which a transport asks to wait. */
export const MAX_UNSENT_BYTES = 256 * 1024;
const MAX_ERROR_BODY_BYTES = 16 * 1024;

export function handshakeTimeoutError(): KubeError {
  return new KubeError(
    'unreachable',
    `the API server did not open the port-forward within ${HANDSHAKE_TIMEOUT_MS / 1000} s`,
  );
}

/** The reason in the API server's response. */
export async function upgradeError(response: IncomingMessage, target: PodPort): Promise<KubeError> {
  let body = '';
  try {
    for await (const chunk of response) {
      body += chunk;
      if (body.length > MAX_ERROR_BODY_BYTES) break;
    }
  } catch {
    // The status is enough.
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

/** Shortens the kubelet's text to the part that helps an operator. */
export function describePodError(text: string, { port }: PodPort): string {
  const said = singleLine(text);
  if (/connection refused/i.test(said)) {
    return `nothing listens on 127.0.0.1:${port} in the pod (connection refused): the agent is starting, or has ended`;
  }
  if (/not found|not running|no such|does not exist/i.test(said)) return `the pod is gone or not running: ${said}`;
  return `port-forward: ${said}`;
}
