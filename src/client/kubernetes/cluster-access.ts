import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { readWholeFile } from '../files/read-file.ts';
import { addSecret } from '../format/secrets.ts';
import type { Certificate, Credentials, Headers } from './credentials.ts';
import { KubeError } from './errors.ts';
import { createHttpAgents, type HttpAgents, proxyName, tlsOptions } from './http-transport.ts';
import type { ClusterEntry, UserEntry } from './kubeconfig-file.ts';
import { describeSystemError } from './kubeconfig-text.ts';

const MIN_PATH_SECRET = 16;
const MIN_KEY_LINE = 16;

/** The access for one request: its credentials and its connection. */
export interface AccessGrant {
  readonly headers: Headers;
  /** For callers that open an upgraded request by other means. */
  readonly upgradeAgent: Agent;
  /** "https://10.0.0.1:6443" */
  readonly server: string;
  /** The proxy to which `open` sends requests: it may reply itself. Absent: no proxy, or a tunnel. */
  readonly asksProxy: URL | undefined;
  /** Opens a request on the API server; `path` as in "/api/v1/pods". */
  open(path: string, options: RequestOptions): ClientRequest;
  /** Opens an upgrade request: proxies do not look into it. */
  openUpgrade(path: string, options: RequestOptions): ClientRequest;
  /** After a 401: resolves with whether another entry is worth trying. */
  renew(): Promise<boolean>;
}

/**
 * Access to a cluster: credentials, TLS and proxy, by kubectl's rules. This is the one place that replaces client-node's
 * KubeConfig; these files describe what that lacks: `kubeconfig-file`, `credentials`, `exec-plugin`, `http-transport`.
 */
export class ClusterAccess {
  readonly #server: URL;
  readonly #proxy: URL | undefined;
  readonly #cluster: ClusterEntry;
  readonly #user: UserEntry;
  readonly #credentials: Credentials;
  #made:
    | { readonly ca: Buffer | undefined; readonly certificate: Certificate | undefined; agents: Promise<HttpAgents> }
    | undefined;

  constructor(server: URL, proxy: URL | undefined, cluster: ClusterEntry, user: UserEntry, credentials: Credentials) {
    this.#server = server;
    this.#proxy = proxy;
    this.#cluster = cluster;
    this.#user = user;
    this.#credentials = credentials;
    for (const secret of [user.token, user.password, ...urlSecrets(server), ...(proxy ? urlSecrets(proxy) : [])])
      addSecret(secret);
  }

  /** May run a plugin, which may prompt the user, so it has no timeout. Sends nothing to the API server. Rejects with a KubeError. */
  async authorize(): Promise<AccessGrant> {
    const { authorization = this.#inUrl(), certificate, renew } = await this.#credentials.forRequest();
    addSecret(authorization?.replace(/^\w+ /, '') ?? '');
    for (const line of certificate?.key.toString('latin1').split(/\s*\n/) ?? []) if (isKeyLine(line)) addSecret(line);
    const headers = this.#sendable({
      ...(authorization === undefined ? {} : { Authorization: authorization }),
      ...this.#credentials.headers(),
    });
    const { agent, upgrade } = await this.#agents(certificate);
    const server = baseUrl(this.#server);
    const openWith = (one: Agent) => (path: string, options: RequestOptions) => {
      const url = new URL(server + path);
      const all = { ...options, agent: one, headers: { ...headers, ...options.headers } };
      return this.#isAbsolute && one === agent ? this.#openAtProxy(url, all) : request(url, all);
    };
    return {
      headers,
      server,
      asksProxy: this.#isAbsolute ? this.#proxy : undefined,
      upgradeAgent: upgrade,
      renew,
      open: openWith(agent),
      openUpgrade: openWith(upgrade),
    };
  }

  /** As UTF-8, because node encodes headers as latin1. A line break in a token would start another header. */
  #sendable(headers: Headers): Headers {
    const encode = (value: string, name: string) => {
      const bytes = Buffer.from(value, 'utf8').toString('latin1');
      if (!/[^\t\x20-\x7e\x80-\xff]/.test(bytes)) return bytes;
      const { file, name: user } = this.#user;
      throw new KubeError('config', `${file}: user "${user}": the value of header ${name} has control characters`);
    };
    const encoded = Object.entries(headers).map(([name, value]): [string, string | string[]] => [
      name,
      typeof value === 'string' ? encode(value, name) : value.map((each) => encode(each, name)),
    ]);
    return Object.fromEntries(encoded);
  }

  /** Plain HTTP through an HTTP proxy: the request contains the whole URL. */
  get #isAbsolute(): boolean {
    return this.#server.protocol === 'http:' && this.#proxy?.protocol.startsWith('http') === true;
  }

  #openAtProxy(url: URL, options: RequestOptions): ClientRequest {
    const proxy = this.#proxy ?? url;
    const headers = { host: url.host, ...proxyHeaders(proxy), ...(options.headers as OutgoingHttpHeaders) };
    // Only the proxy gets its user name and password.
    return request(new URL(proxyName(proxy)), { ...options, path: url.href, headers });
  }

  /** HTTP agents are reused while their options are the same: a renewed certificate needs new ones. */
  #agents(certificate: Certificate | undefined): Promise<HttpAgents> {
    const secure = this.#server.protocol === 'https:';
    const ca = secure ? this.#authority() : undefined;
    const made = this.#made;
    if (made !== undefined && same(made.ca, ca) && sameCertificate(made.certificate, certificate)) return made.agents;
    const { tlsServerName, skipTlsVerify } = this.#cluster;
    try {
      const security = secure
        ? { ca, certificate, tlsServerName, skipVerify: skipTlsVerify }
        : { ca: undefined, certificate: undefined, tlsServerName: '', skipVerify: false };
      const agents = createHttpAgents(
        this.#server,
        this.#proxy,
        secure || this.#proxy?.protocol === 'https:' ? tlsOptions(security) : {},
      );
      this.#made = { ca, certificate, agents };
      return agents;
    } catch (error) {
      const { file, name } = this.#user;
      const why = oneLineOf(error);
      throw new KubeError('config', `${file}: user "${name}" has a certificate and key that cannot be used: ${why}`);
    }
  }

  #authority(): Buffer | undefined {
    const { caData, caFile, file, name } = this.#cluster;
    let ca = caData;
    try {
      if (ca === undefined && caFile !== '') ca = readWholeFile(caFile);
    } catch (error) {
      const why = `names certificate-authority ${caFile}, which cannot be read: ${describeSystemError(error)}`;
      throw new KubeError('config', `${file}: cluster "${name}" ${why}`);
    }
    // Node would report no error and trust no authority.
    if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
      throw new KubeError('config', `${file}: cluster "${name}" has a certificate authority that holds no certificate`);
    }
    return ca;
  }

  /** A server's URL may contain a user name and a password, for users without other credentials. */
  #inUrl(): string | undefined {
    const { username, password } = this.#server;
    return username === '' ? undefined : basic(username, password);
  }
}

function request(url: URL, options: RequestOptions): ClientRequest {
  return url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
}

/** Without credentials and without a trailing "/". */
function baseUrl(server: URL): string {
  return `${server.protocol}//${server.host}${server.pathname.replace(/\/+$/, '')}`;
}

/** Without what may be a secret: name, password, and the path, of which proxies for clusters make use. */
export function shownServer({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname === '/' ? '' : '/…'}`;
}

/** Long parts of a path may be tokens. All of them as they are in the URL, and decoded. */
function urlSecrets({ username, password, pathname }: URL): string[] {
  const parts = [password, ...pathname.split('/').filter(({ length }) => length >= MIN_PATH_SECRET)];
  const pair = username === '' ? [] : [basic(username, password).replace('Basic ', '')];
  return [...parts, ...parts.flatMap(decoded), ...pair];
}

function decoded(text: string): string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}

/** A line of a PEM file that is neither its heading nor a short rest. */
function isKeyLine(line: string): boolean {
  return line.length >= MIN_KEY_LINE && !line.startsWith('-');
}

function proxyHeaders({ username, password }: URL): Headers {
  return username === '' ? {} : { 'Proxy-Authorization': basic(username, password) };
}

function basic(username: string, password: string): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function same(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && one.equals(other));
}

function sameCertificate(one: Certificate | undefined, other: Certificate | undefined): boolean {
  return same(one?.cert, other?.cert) && same(one?.key, other?.key);
}

function oneLineOf(error: unknown): string {
  return (error as Error).message.split('\n')[0] ?? '';
}
