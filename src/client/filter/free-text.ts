import { protocolName } from '../../flow/protocol.ts';
import { addressPort, formatAddressPort, formatIcmp, formatProtocol, formatState } from '../format/connection.ts';
import { portName } from '../format/ports.ts';
import type { AddressPort, Endpoint } from '../model/connection.ts';

import type { ConnectionPredicate, FilterValue } from './field.ts';
import { compilePattern, memoizeByEndpoint } from './pattern.ts';

/**
 * A test for a term without a field: any shown text contains it. Ports must be equal, because a part of a number means
 * nothing; "10.0.0.1:80" matches an address with its port.
 */
export function freeTextPredicate(value: FilterValue): ConnectionPredicate {
  const wild = !value.quoted && value.text.includes('*');
  const fits = compilePattern(wild ? { ...value, text: `*${value.text}*` } : value, 'contains');
  const same = compilePattern(value, 'same');
  const named = memoizeByEndpoint((endpoint) => endpointTexts(endpoint).some(fits));
  const withPort = value.text.includes(':');
  const endFits = (at: AddressPort | undefined) => {
    if (at === undefined) return false;
    return fits(at.address) || isPort(at.port) || (withPort && fits(formatAddressPort(at)));
  };
  const isPort = (port: number | undefined) => port !== undefined && (same(String(port)) || same(portName(port)));
  return (connection) => {
    const { source, destination, sourcePort, destinationPort, service, hops } = connection;
    if (named(source) || named(destination)) return true;
    if (isPort(sourcePort) || isPort(destinationPort)) return true;
    if (same(protocolName(connection.protocol)) || same(formatProtocol(connection))) return true;
    if (same(formatIcmp(connection)) || fits(formatState(connection))) return true;
    if (endFits(connection.snat) || endFits(service)) return true;
    if (service !== undefined && fits(`${service.namespace ?? ''}/${service.name ?? ''}`)) return true;
    if (
      withPort &&
      (fits(formatAddressPort(addressPort(source.address, sourcePort))) ||
        fits(formatAddressPort(addressPort(destination.address, destinationPort))))
    )
      return true;
    return hops.some((hop) => fits(hop.node));
  };
}

function endpointTexts({ address, namespace, name, node, workload, kind }: Endpoint): (string | undefined)[] {
  return [address, `${namespace ?? ''}/${name ?? ''}`, node, workload?.name, workload?.kind, kind];
}
