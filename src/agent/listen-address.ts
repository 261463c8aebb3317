import { isIP } from 'node:net';
import { socketPath, socketPathFault } from '../socket-path.ts';

/** Where to listen. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** Parses "HOST:PORT", "[IPV6]:PORT", ":PORT" (every address) or "unix:PATH". Returns undefined for anything else. */
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
  // Text that looks like an IPv4 address must be one.
  if (isIP(name) !== 4 && (/^[\d.]+$/.test(name) || !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name)))
    return undefined;
  return { kind: 'tcp', host: name, port };
}

/** Returns whether the address is unreachable from other machines. */
export function isLoopback(address: ListenAddress): boolean {
  if (address.kind === 'unix') return true;
  const { host } = address;
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Formats the address as gRPC and users write it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
