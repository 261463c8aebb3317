import { protocolName } from '../../flow/protocol.ts';
import { NO_STATE, stateName } from '../../flow/state.ts';
import type { AddressPort, Connection, Endpoint } from '../model/connection.ts';
import { listSome } from './list.ts';

const LABELS = new WeakMap<Endpoint, string>();

/** The address is a node's, but the client is not known: the node may have forwarded the request for a pod. */
export function isUnknownClient({ kind, name, node }: Endpoint): boolean {
  return kind === undefined && name === undefined && node !== undefined;
}

/** "shop/cart-5d7f" for an object in a namespace, else the name, else "node2 (?)" or the address. */
export function formatEndpoint(endpoint: Endpoint): string {
  let label = LABELS.get(endpoint);
  if (label === undefined) {
    const { namespace, name, node, address } = endpoint;
    const unnamed = isUnknownClient(endpoint) ? `${node} (?)` : address;
    label = name === undefined ? unnamed : namespace === undefined ? name : `${namespace}/${name}`;
    LABELS.set(endpoint, label);
  }
  return label;
}

/** "10.0.0.1:80", "[fd00::1]:80"; without a port the address. */
export function formatAddressPort({ address, port }: AddressPort): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function addressPort(address: string, port: number | undefined): AddressPort {
  return port === undefined ? { address } : { address, port };
}

const ADDRESS_KEYS = new WeakMap<Endpoint, string>();

export function endpointAddressKey(endpoint: Endpoint): string {
  let key = ADDRESS_KEYS.get(endpoint);
  if (key === undefined) {
    key = addressSortKey(endpoint.address);
    ADDRESS_KEYS.set(endpoint, key);
  }
  return key;
}

/** A sort key for an address: numbers by value, IPv4 before IPv6. */
export function addressSortKey(address: string): string {
  if (!address.includes(':'))
    return `4${address
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join('.')}`;
  const [before = '', after] = address.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return `6${[...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join(':')}`;
}

/** The requested address, before any NAT. */
export function requestedAddress({ service, destination, destinationPort }: Connection): AddressPort {
  return service ?? addressPort(destination.address, destinationPort);
}

/** The requested target: "shop/web:80", or the address if it has no name. */
export function formatTarget(connection: Connection): string {
  const { service, destination, destinationPort } = connection;
  if (service?.name !== undefined)
    return `${[service.namespace, service.name].filter((part) => part !== undefined).join('/')}:${service.port}`;
  if (service !== undefined) return formatAddressPort(service);
  const { name, address } = destination;
  if (name === undefined) return formatAddressPort(addressPort(address, destinationPort));
  const who = formatWorkload(destination);
  return destinationPort === undefined ? who : `${who}:${destinationPort}`;
}

/** "shop/cart" for a pod of the Deployment cart; else its own name, else the address. */
export function formatWorkload(endpoint: Endpoint): string {
  const { workload, namespace } = endpoint;
  if (workload === undefined) return formatEndpoint(endpoint);
  return namespace === undefined ? workload.name : `${namespace}/${workload.name}`;
}

/** "shop/cart", "shop/cart and 2 more". */
export function formatSome(names: ReadonlySet<string>): string {
  return listSome([...names], 1);
}

/** "tcp", "udp" …, or "ip/50" for a protocol without a name. */
export function formatProtocol({ protocol }: Pick<Connection, 'protocol'>): string {
  const name = protocolName(protocol);
  return name === 'unknown' ? `ip/${protocol}` : name;
}

const ICMP_REQUESTS: Readonly<Record<number, string>> = { 8: 'echo', 13: 'time', 15: 'info', 17: 'mask', 128: 'echo' };

/** The type of an ICMP message; undefined for other protocols. */
export function formatIcmp({ icmp }: Connection): string | undefined {
  return icmp && (ICMP_REQUESTS[icmp.type] ?? `type ${icmp.type}`);
}

/**
 * The state, as the kernel names it. For protocols without states, the kernel's flags: whether an nftables
 * flowtable offloaded the connection, whether a reply was seen, whether it is kept when the table is full.
 */
export function formatState({ state, offloaded, replied, assured }: Connection): string {
  if (state !== NO_STATE) return stateName(state);
  if (offloaded) return 'OFFLOADED';
  if (!replied) return 'UNREPLIED';
  return assured ? 'ASSURED' : 'REPLIED';
}
