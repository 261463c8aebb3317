import { BlockList, isIP } from 'node:net';
import { KubeError } from './errors.ts';
import { hasReadableCredentials } from './server-url.ts';

/**
 * The proxy for a server, from HTTPS_PROXY, HTTP_PROXY and NO_PROXY (upper or lower case) by the rules of Go's
 * net/http, so that kflow connects as kubectl does. Loopback never goes through a proxy.
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): string | undefined {
  const secure = url.protocol === 'https:';
  const proxy = secure ? env.HTTPS_PROXY || env.https_proxy : env.HTTP_PROXY || env.http_proxy;
  if (!proxy) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (secure ? '443' : '80');
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return undefined;
  const excluded = (env.NO_PROXY || env.no_proxy || '').split(',').some((rule) => matches(rule.trim(), host, port));
  if (excluded) return undefined;
  const named = /^(https?|socks5h?):\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  const parsed = URL.parse(named);
  if (parsed === null || !hasReadableCredentials(parsed)) {
    throw new KubeError(
      'config',
      `${secure ? 'HTTPS_PROXY' : 'HTTP_PROXY'} in the environment is not the URL of a proxy`,
    );
  }
  return named;
}

/** A rule is "*", an address, a CIDR, a domain (and what is below it), ".domain" (only below it); each with ":port" or not. */
function matches(rule: string, host: string, port: string): boolean {
  if (rule === '*') return true;
  const withPort = /^(\[.*\]|[^:]*):(\d+)$/.exec(rule);
  if (withPort && withPort[2] !== port) return false;
  const name = (withPort?.[1] ?? rule).replace(/^\[|\]$/g, '').toLowerCase();
  if (name === '') return false;
  const family = isIP(host);
  const [network, bits] = name.split('/');
  if (family !== 0 && bits !== undefined && network !== undefined && isIP(network) === family && /^\d+$/.test(bits)) {
    const kind = family === 4 ? 'ipv4' : 'ipv6';
    if (Number(bits) > (family === 4 ? 32 : 128)) return false;
    const list = new BlockList();
    list.addSubnet(network, Number(bits), kind);
    return list.check(host, kind);
  }
  if (family !== 0) return name === host;
  const domain = name.replace(/^\*(?=\.)/, '');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}
