import { isIP } from 'node:net';
import { socketPath, socketPathFault } from '../socket-path.ts';

/** Where to listen. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** Reads "HOST:PORT", "[IPV6]:PORT", ":PORT" (every address) or "unix:PATH"; undefined when the text is none of these. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text.startsWith('unix:')) {
    const path = socketPath(text);
    const isPath = path !== '' && socketPathFault(path) === undefined && !path.includes('\0');
    return isPath ? { kind: 'unix', path } : undefined;
  }
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, ipv6, name = '', digits] = match;
  const port = Number(digits);
  if (port > 0xffff) return undefined;
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? { kind: 'tcp', host: ipv6, port } : undefined;
  if (name === '') return { kind: 'tcp', host: '::', port };
  // What looks like an IPv4 address must be one.
  if (isIP(name) !== 4 && (/^[\d.]+$/.test(name) || !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name)))
    return undefined;
  return { kind: 'tcp', host: name, port };
}

/** Whether nobody on another machine can reach the address. */
export function isLoopback(address: ListenAddress): boolean {
  if (address.kind === 'unix') return true;
  const { host } = address;
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The address as gRPC and people write it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
