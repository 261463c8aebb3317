import { socketPath, socketPathFault } from '../../socket-path.ts';
import type { AgentTarget } from './discovery.ts';

export type ParsedAgentAddresses =
  | { readonly ok: true; readonly targets: readonly AgentTarget[] }
  | { readonly ok: false; readonly reason: string };

/** Reads "host:port,[::1]:port,unix:/path": agents that are reached directly. A repeated address counts once. */
export function parseAgentAddresses(text: string): ParsedAgentAddresses {
  const targets = new Map<string, AgentTarget>();
  for (const part of text.split(',')) {
    const address = part.trim();
    const reason = reject(address);
    if (reason !== undefined) return { ok: false, reason: `"${address}": ${reason}` };
    targets.set(address, { key: address, dial: () => Promise.resolve({ address, close() {} }) });
  }
  return { ok: true, targets: [...targets.values()] };
}

/** Why it is not an endpoint; undefined when it is one. */
function reject(address: string): string | undefined {
  if (address === '') return 'an endpoint is missing; expected host:port or unix:/path';
  if (address.startsWith('unix:'))
    return address.length > 5 ? socketPathFault(socketPath(address)) : 'the path is missing; expected unix:/path';
  if (/[\s/?#@]/.test(address)) return 'expected host:port or unix:/path';
  const bracketed = /^\[([^\]]*)\](.*)$/.exec(address);
  const [host, rest] = bracketed ? [bracketed[1] ?? '', bracketed[2] ?? ''] : splitPort(address);
  if (host === '') return 'the host is missing; expected host:port';
  if (bracketed === null && host.includes(':')) return 'an IPv6 address is written in brackets: [::1]:50051';
  if (bracketed !== null && !/^[0-9a-fA-F:.]+(%\w+)?$/.test(host)) return `"${host}" is not an IPv6 address`;
  if (rest === '' || rest === ':') return `the port is missing; expected ${address.replace(/:$/, '')}:50051`;
  const port = Number(rest.slice(1));
  if (!/^:\d{1,5}$/.test(rest) || port < 1 || port > 65535) return `"${rest.slice(1)}" is not a port (1 to 65535)`;
  return undefined;
}

function splitPort(address: string): [string, string] {
  const colon = address.lastIndexOf(':');
  return colon < 0 ? [address, ''] : [address.slice(0, colon), address.slice(colon)];
}
