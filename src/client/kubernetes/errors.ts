import { errorMessage } from '../format/error-message.ts';
import { type CleanText, cleanSentence, cleanTo } from '../format/sanitize.ts';
import { redactSecrets } from '../format/secrets.ts';

/** A permission in RBAC's terms. */
export interface Permission {
  readonly verb: string;
  /** "pods", "pods/portforward", "daemonsets". */
  readonly resource: string;
  /** "apps"; absent for the core group. */
  readonly group?: string;
  /** Absent: at the cluster scope. */
  readonly namespace?: string;
}

export type KubeErrorCode =
  /** The kubeconfig, or a file that it names, is missing or invalid. */
  | 'config'
  /** The user lacks a permission. */
  | 'forbidden'
  /** The API server does not accept the credentials. */
  | 'unauthorized'
  | 'not-found'
  /** 410: the resource version is too old; list again. */
  | 'gone'
  /** No response from the API server: down, unreachable, not trusted. */
  | 'unreachable'
  /** The response exceeds a limit of kflow. */
  | 'too-large'
  /** 429 and 5xx: the same request may work later. */
  | 'busy'
  | 'other';

/** Any failure of access to the cluster. The message is for an operator. */
export class KubeError extends Error {
  readonly code: KubeErrorCode;
  /** HTTP status, if there was a response. */
  readonly status: number | undefined;

  constructor(code: KubeErrorCode, message: string, options: { status?: number | undefined; cause?: unknown } = {}) {
    // It contains names of the kubeconfig and text of the server.
    super(cleanSentence(message), { cause: options.cause });
    this.name = 'KubeError';
    this.code = code;
    this.status = options.status;
  }

  /**
   * Converts anything thrown by node, TLS, `ws` or client-node (an ApiException has `code` and `body`).
   * `right`: the permission that the request needs; the message of a 403 names it.
   */
  static from(thrown: unknown, right?: Permission): KubeError {
    if (thrown instanceof KubeError) return thrown;
    const { code, body } = (thrown ?? {}) as { code?: unknown; body?: unknown };
    // A DOMException has a code of its own: 23 for a timeout.
    if (isHttpStatus(code)) return KubeError.fromResponse(code, body, right);
    // fetch reports "fetch failed" and has the reason in its cause.
    const inner = deepest(thrown);
    return new KubeError('unreachable', describeNetworkError(inner), { cause: thrown });
  }

  /** `body`: a Status object of the API, or its text. */
  static fromResponse(status: number, body: unknown, right?: Permission): KubeError {
    const said = statusMessage(body);
    switch (status) {
      case 401:
        return new KubeError('unauthorized', 'the API server does not accept these credentials (401); log in again', {
          status,
        });
      case 403:
        return new KubeError('forbidden', describeForbidden(said, right), { status });
      case 404:
        return new KubeError('not-found', said || 'not found (404)', { status });
      case 410:
        return new KubeError('gone', said || 'gone (410)', { status });
      default:
        return new KubeError(
          status === 429 || status >= 500 ? 'busy' : 'other',
          `the API server answered ${status}${said ? `: ${said}` : ''}`,
          { status },
        );
    }
  }
}

function isHttpStatus(code: unknown): code is number {
  return typeof code === 'number' && Number.isInteger(code) && code >= 100 && code <= 599;
}

/** An unexpected error: it only ends this attempt. */
export function invalidAnswerError(what: string, error: unknown): KubeError {
  const words = `the API server's answer for ${what} is invalid: ${singleLine(errorMessage(error))}`;
  return new KubeError('other', words, { cause: error });
}

/** "list pods in namespace shop", "list pods in all namespaces". */
export function describePermission(permission: Permission): string {
  const where = permission.namespace === undefined ? 'in all namespaces' : `in namespace ${permission.namespace}`;
  const resource = permission.group ? `${permission.resource}.${permission.group}` : permission.resource;
  return `${permission.verb} ${resource} ${CLUSTER_SCOPED.has(permission.resource) ? 'in the cluster' : where}`;
}

const CLUSTER_SCOPED = new Set([
  'nodes',
  'namespaces',
  'clusterroles',
  'clusterrolebindings',
  'customresourcedefinitions',
]);

/** `not allowed to list pods in namespace shop: user "jane" needs a Role with verbs [list] on resources [pods]`. */
function describeForbidden(said: string, permission: Permission | undefined): string {
  if (permission === undefined) return said || 'forbidden (403)';
  const user = /User "([^"]*)"/.exec(said)?.[1];
  const role = permission.namespace === undefined ? 'ClusterRole' : 'Role';
  const group = permission.group ? ` of apiGroup ${permission.group}` : '';
  return `not allowed to ${describePermission(permission)}: ${user ? `user "${user}"` : 'you'} need${user ? 's' : ''} a ${role} with verb ${permission.verb} on ${permission.resource}${group}`;
}

/** The message of a Status object, given as object or text; other text in its first line; '' when there is none. */
export function statusMessage(body: unknown): string {
  let value = body;
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value);
    } catch {
      return singleLine(String(value));
    }
  }
  const message = (value as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? singleLine(message) : '';
}

const MAX_MESSAGE_LENGTH = 500;

/** Text from outside on one line, without control characters, and of limited length. */
export function singleLine(text: string): CleanText {
  return cleanTo(
    redactSecrets(text)
      .replace(/[\t\n\v\f\r ]+/g, ' ')
      .trim(),
    MAX_MESSAGE_LENGTH,
  );
}

function deepest(thrown: unknown): unknown {
  let inner = thrown;
  for (let depth = 0; depth < 5; depth++) {
    const { cause, errors, error } = (inner ?? {}) as { cause?: unknown; errors?: unknown[]; error?: unknown };
    const next = cause ?? errors?.[0] ?? error;
    if (next === undefined || next === null) break;
    inner = next;
  }
  return inner;
}

/** A network error in an operator's terms. `peer`: the other end of the connection. */
export function describeNetworkError(thrown: unknown, peer = 'the API server'): string {
  const { code, message, address, port, hostname, name } = (thrown ?? {}) as Record<string, unknown>;
  const where = address && port ? ` at ${address}:${port}` : '';
  switch (code) {
    case 'ECONNREFUSED':
      return `${peer}${where} refuses the connection`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${peer} ended the connection`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name of ${peer}${hostname ? `, ${hostname},` : ''} cannot be resolved (DNS)`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${peer}${where} cannot be reached (${code})`;
    case 'CERT_HAS_EXPIRED':
      return 'the certificate of the API server, or of the user, has expired';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return "the API server's certificate is not signed by the kubeconfig's certificate authority";
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the API server's certificate is for another name: ${singleLine(String(message))}`;
  }
  if (name === 'TimeoutError') return `${peer} does not answer`;
  return singleLine(String(message ?? thrown)) || `${peer} cannot be reached`;
}
