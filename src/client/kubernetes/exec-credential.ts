import { X509Certificate } from 'node:crypto';
import { load } from 'js-yaml';
import { Fields } from './kubeconfig-fields.ts';

/** The result of an exec plugin. */
export interface ExecCredential {
  /** '': none. */
  readonly token: string;
  readonly certificate: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** When it expires, in unix ms; Infinity: not known. */
  readonly expiresAt: number;
}

/** Throws an Error whose message continues after the plugin's name, and contains none of the plugin's output. */
export function parseExecCredential(stdout: string, apiVersion: string): ExecCredential {
  const top = document(stdout);
  const [kind, version] = [top.text('kind'), top.text('apiVersion')];
  if (kind !== 'ExecCredential') throw new Error('printed no ExecCredential');
  if (version !== apiVersion) {
    throw new Error(`answered in another apiVersion than ${apiVersion}, which the kubeconfig asks for`);
  }
  if (!top.has('status')) throw new Error('answered without a status');
  const status = top.object('status');
  const [token, cert, key] = [status.text('token'), status.text('clientCertificateData'), status.text('clientKeyData')];
  if (token === '' && cert === '' && key === '') throw new Error('answered without a token and without a certificate');
  if ((cert === '') !== (key === '')) throw new Error('answered with only one of certificate and key');
  return {
    token,
    certificate: cert === '' ? undefined : { cert: Buffer.from(cert), key: Buffer.from(key) },
    expiresAt: Math.min(expiry(status), certificateEnd(cert)),
  };
}

function document(stdout: string): Fields {
  if (stdout.trim() === '') throw new Error('printed nothing');
  try {
    return new Fields(load(stdout, { json: true }), '');
  } catch {
    throw new Error('printed no ExecCredential');
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function expiry(status: Fields): number {
  const raw = status.raw('expirationTimestamp');
  if (raw === undefined || raw === null) return Number.POSITIVE_INFINITY;
  const text = status.text('expirationTimestamp');
  const at = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new Error('answered with an invalid expirationTimestamp');
  return at;
}

/** An expired certificate does not cause repeated runs of the plugin: the clock may be wrong. */
function certificateEnd(cert: string): number {
  if (cert === '') return Number.POSITIVE_INFINITY;
  try {
    const end = new X509Certificate(cert).validToDate.getTime();
    return end > Date.now() ? end : Number.POSITIVE_INFINITY;
  } catch {
    throw new Error('answered with a certificate that cannot be read');
  }
}
