import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, createSecureContext, getCACertificates } from 'node:tls';
import type { HttpsProxyAgent } from 'https-proxy-agent';
import type { SocksProxyAgent } from 'socks-proxy-agent';
import { describeNetworkError, KubeError } from './errors.ts';

/** How a connection to the API server is secured. */
export interface Security {
  readonly ca: Buffer | undefined;
  readonly certificate: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly tlsServerName: string;
  readonly skipVerify: boolean;
}

/**
 * Options for TLS as kubectl has them. Throws node's error when certificate and key cannot be used. If the kubeconfig has no CA, the
 * server's certificate is verified against the system's CAs, which Node.js does not use by default.
 */
export function tlsOptions({ ca, certificate, tlsServerName, skipVerify }: Security): ConnectionOptions {
  const system = ca === undefined && !skipVerify ? getCACertificates('system') : [];
  const trusted = ca ?? (system.length > 0 ? system : undefined);
  const secureContext = createSecureContext({
    minVersion: 'TLSv1.2',
    ...(trusted === undefined ? {} : { ca: trusted }),
    ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
  });
  return { secureContext, rejectUnauthorized: !skipVerify, ...nameOptions(tlsServerName) };
}

function nameOptions(name: string): ConnectionOptions {
  if (name === '') return {};
  // An IP address is not sent as SNI, but the certificate is checked for it.
  if (isIP(name)) return { servername: '', checkServerIdentity: (_host, cert) => checkServerIdentity(name, cert) };
  return { servername: name };
}

export interface HttpAgents {
  /** For requests. */
  readonly agent: HttpAgent;
  /** For upgrades, which need a tunnel through a proxy. */
  readonly upgrade: HttpAgent;
}

/**
 * Agents that reach the server as kubectl does. A proxy gets names as they are, and resolves them; an https proxy is trusted by the rules
 * for the server. client-node's are not used: theirs resolve names before a SOCKS proxy, trust https proxies by node's own
 * authorities, keep the first client certificate for ever, and refuse plain HTTP.
 */
export async function createHttpAgents(
  server: URL,
  proxy: URL | undefined,
  tls: ConnectionOptions,
): Promise<HttpAgents> {
  if (proxy === undefined) return both(server.protocol === 'https:' ? new HttpsAgent(tls) : new HttpAgent());
  const { HttpsProxyAgent, SocksProxyAgent } = await import('./proxy-agents.ts');
  if (proxy.protocol.startsWith('socks')) {
    const atProxy = new URL(proxy.href.replace(/^socks5h?:/, 'socks5h:'));
    return both(withCause(new SocksProxyAgent(atProxy), proxy, tls));
  }
  const tunnel = withCause(new HttpsProxyAgent<string>(proxy.href, tls), proxy, tls);
  tunnel.on('proxyConnect', ({ statusCode, statusText }, request) => {
    if (statusCode === 200) return;
    request.destroy(proxyError(proxy, `answered ${statusCode} ${statusText}`.trim()));
  });
  if (server.protocol === 'https:') return both(tunnel);
  return { agent: proxy.protocol === 'https:' ? new HttpsAgent(tls) : new HttpAgent(), upgrade: tunnel };
}

function both(agent: HttpAgent): HttpAgents {
  return { agent, upgrade: agent };
}

/** Without name and password. */
export function proxyName(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}

/** An error that the proxy itself sent. */
export function proxyError(proxy: URL, why: string): KubeError {
  return new KubeError('unreachable', `the proxy ${proxyName(proxy)} ${why}`);
}

/** A network error in the connection to or through the proxy. */
export function proxyConnectionError(proxy: URL, error: unknown): KubeError {
  const why = describeNetworkError(error, 'the proxy');
  return new KubeError('unreachable', `no connection to the API server through proxy ${proxyName(proxy)}: ${why}`);
}

type Tunnel = HttpsProxyAgent<string> | SocksProxyAgent;

/** Adds the proxy's name to its errors, and uses the kubeconfig's options for TLS to the server. */
function withCause<T extends Tunnel>(agent: T, proxy: URL, tls: ConnectionOptions): T {
  const connect = agent.connect.bind(agent) as SocksProxyAgent['connect'];
  agent.connect = (async (request, options) => {
    try {
      return await connect(request, options.secureEndpoint ? Object.assign({}, options, tls) : options);
    } catch (error) {
      throw proxyConnectionError(proxy, error);
    }
  }) as SocksProxyAgent['connect'] & T['connect'];
  return agent;
}
