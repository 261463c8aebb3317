import { readWholeFile } from '../files/read-file.ts';
import { KubeError } from './errors.ts';
import { type ExecPlugin, execPlugin } from './exec-plugin.ts';
import type { ClusterEntry, UserEntry } from './kubeconfig-file.ts';
import { describeSystemError } from './kubeconfig-text.ts';
import { Oidc } from './oidc.ts';
import { TokenFile } from './token-file.ts';

export type Headers = Record<string, string | string[]>;

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The credentials of one request. */
export interface RequestCredentials {
  readonly authorization: string | undefined;
  readonly certificate: Certificate | undefined;
  /** After a 401: resolves with whether other credentials are available now. */
  renew(): Promise<boolean>;
}

const NOTHING_ELSE = () => Promise.resolve(false);

/**
 * The credentials of a kubeconfig's user, as kubectl would send them. client-node handles OpenID Connect; the rest is here, because client-node knows no
 * `tokenFile`, and impersonates users only, neither groups nor uid nor extra. Over plain HTTP only the impersonation is sent.
 */
export class Credentials {
  readonly #user: UserEntry;
  readonly #secure: boolean;
  readonly #tokenFile: TokenFile | undefined;
  readonly #plugin: ExecPlugin | undefined;
  readonly #oidc: Oidc | undefined;

  constructor(user: UserEntry, cluster: ClusterEntry, secure: boolean, env: NodeJS.ProcessEnv) {
    this.#user = user;
    this.#secure = secure;
    this.#tokenFile = user.tokenFile === '' ? undefined : new TokenFile(user.tokenFile);
    const identified = user.token !== '' || user.tokenFile !== '' || user.username !== '' || hasCertificate(user);
    // A plugin is only used without other credentials.
    this.#plugin = user.exec === undefined || identified ? undefined : execPlugin(user.exec, user, cluster, env);
    this.#oidc = user.authProvider === undefined || identified ? undefined : new Oidc(user);
  }

  /** Rejects with a KubeError that names the file, the user and the plugin. */
  async forRequest(): Promise<RequestCredentials> {
    if (!this.#secure) return { authorization: undefined, certificate: undefined, renew: NOTHING_ELSE };
    const certificate = this.#certificate();
    if (this.#plugin !== undefined) return this.#fromPlugin(this.#plugin);
    if (this.#tokenFile !== undefined) return this.#fromTokenFile(this.#tokenFile, certificate);
    return { authorization: await this.#authorization(), certificate, renew: NOTHING_ELSE };
  }

  /** The impersonation headers. */
  headers(): Headers {
    const { as, asUid, asGroups, asExtra } = this.#user;
    if (as === '') return {};
    return {
      'Impersonate-User': as,
      ...(asUid === '' ? {} : { 'Impersonate-Uid': asUid }),
      ...(asGroups.length === 0 ? {} : { 'Impersonate-Group': [...asGroups] }),
      ...Object.fromEntries(
        Object.entries(asExtra)
          .filter(([, values]) => values.length > 0)
          .map(([key, values]) => [`Impersonate-Extra-${escapeKey(key)}`, [...values]]),
      ),
    };
  }

  async #fromPlugin(plugin: ExecPlugin): Promise<RequestCredentials> {
    const credential = await plugin.get();
    return {
      authorization: credential.token === '' ? undefined : `Bearer ${credential.token}`,
      certificate: credential.certificate,
      renew: async () => (await plugin.replace(credential)) !== credential,
    };
  }

  #fromTokenFile(file: TokenFile, certificate: Certificate | undefined): RequestCredentials {
    let token: string;
    try {
      token = file.read();
    } catch (error) {
      if (this.#user.token === '') throw this.#fault((error as Error).message);
      return { authorization: `Bearer ${this.#user.token}`, certificate, renew: NOTHING_ELSE };
    }
    return {
      authorization: `Bearer ${token}`,
      certificate,
      renew: async () => file.readAgain() !== token,
    };
  }

  async #authorization(): Promise<string | undefined> {
    const { token, username, password } = this.#user;
    if (token !== '') return `Bearer ${token}`;
    if (username !== '') return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    if (this.#oidc === undefined) return undefined;
    try {
      return await this.#oidc.authorization();
    } catch (error) {
      throw this.#fault((error as Error).message);
    }
  }

  #certificate(): Certificate | undefined {
    if (!hasCertificate(this.#user)) return undefined;
    const { certFile, certData, keyFile, keyData } = this.#user;
    // Read for each request, because the files are renewed without a notification.
    return {
      cert: certData ?? this.#read('client-certificate', certFile),
      key: keyData ?? this.#read('client-key', keyFile),
    };
  }

  #read(what: string, path: string): Buffer {
    try {
      return readWholeFile(path);
    } catch (error) {
      throw this.#fault(`names ${what} ${path}, which cannot be read: ${describeSystemError(error)}`);
    }
  }

  #fault(why: string): KubeError {
    return new KubeError('config', `${this.#user.file}: user "${this.#user.name}": ${why}`);
  }
}

function hasCertificate({ certFile, certData }: UserEntry): boolean {
  return certFile !== '' || certData !== undefined;
}

/** Encodes characters that are not allowed in a header's name, and "%", as %XX. */
function escapeKey(key: string): string {
  return [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+\-.^_`|~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
