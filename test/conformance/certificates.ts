import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of certificates of this run's own. */
export interface Certificates {
  readonly folder: string;
  readonly ca: string;
  /** Signed nothing. */
  readonly otherCa: string;
  readonly server: Pair;
  readonly jane: Pair;
  readonly joe: Pair;
}

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export const SERVER_NAMES = ['localhost', 'api.kflow.test', 'other.kflow.test', 'proxy.kflow.test'];

export function makeCertificates(folder: string): Certificates {
  mkdirSync(folder, { recursive: true });
  const at = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const authority = (name: string) => {
    openssl('req', '-x509', ...KEY, '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`), '-subj', `/CN=${name}`);
    return at(`${name}.crt`);
  };
  const signed = (name: string, extensions: string): Pair => {
    writeFileSync(at(`${name}.ext`), extensions);
    openssl('req', ...KEY, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', `/O=people/CN=${name}`);
    const by = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', at(`${name}.csr`), ...by, '-extfile', at(`${name}.ext`), '-out', at(`${name}.crt`));
    return { cert: at(`${name}.crt`), key: at(`${name}.key`) };
  };
  const ca = authority('ca');
  const names = [...SERVER_NAMES.map((name) => `DNS:${name}`), 'IP:127.0.0.1', 'IP:::1'].join(',');
  return {
    folder,
    ca,
    otherCa: authority('other-ca'),
    server: signed('server', `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`),
    jane: signed('jane', 'extendedKeyUsage=clientAuth\n'),
    joe: signed('joe', 'extendedKeyUsage=clientAuth\n'),
  };
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export const base64 = (path: string) => readFileSync(path).toString('base64');
