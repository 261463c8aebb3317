import { protocolName } from '../../flow/protocol.ts';
import { end, endText, icmpText, protocolText, stateText } from '../format/connection.ts';
import { portName } from '../format/ports.ts';
import type { AddressPort, Party } from '../model/connection.ts';

import type { ConnectionTest, FilterValue } from './field.ts';
import { oncePerParty, pattern } from './pattern.ts';

/**
 * A test for a word without a field: some text that is shown has it. Ports must be the same, for half of a number says
 * nothing; "10.0.0.1:80" finds an address with its port.
 */
export function plainWord(value: FilterValue): ConnectionTest {
  const wild = !value.quoted && value.text.includes('*');
  const fits = pattern(wild ? { ...value, text: `*${value.text}*` } : value, 'contains');
  const same = pattern(value, 'same');
  const named = oncePerParty((party) => partyTexts(party).some(fits));
  const withPort = value.text.includes(':');
  const endFits = (at: AddressPort | undefined) => {
    if (at === undefined) return false;
    return fits(at.address) || isPort(at.port) || (withPort && fits(endText(at)));
  };
  const isPort = (port: number | undefined) => port !== undefined && (same(String(port)) || same(portName(port)));
  return (connection) => {
    const { source, destination, sourcePort, destinationPort, service, hops } = connection;
    if (named(source) || named(destination)) return true;
    if (isPort(sourcePort) || isPort(destinationPort)) return true;
    if (same(protocolName(connection.protocol)) || same(protocolText(connection))) return true;
    if (same(icmpText(connection)) || fits(stateText(connection))) return true;
    if (endFits(connection.masquerade) || endFits(service)) return true;
    if (service !== undefined && fits(`${service.namespace ?? ''}/${service.name ?? ''}`)) return true;
    if (
      withPort &&
      (fits(endText(end(source.address, sourcePort))) || fits(endText(end(destination.address, destinationPort))))
    )
      return true;
    return hops.some((hop) => fits(hop.node));
  };
}

function partyTexts({ address, namespace, name, node, workload, kind }: Party): (string | undefined)[] {
  return [address, `${namespace ?? ''}/${name ?? ''}`, node, workload?.name, workload?.kind, kind];
}
