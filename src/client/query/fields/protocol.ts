import { protocolName, protocolNumber } from '../../../flow/protocol.ts';
import type { Field } from '../field.ts';

export const protocol: Field = {
  names: ['proto', 'protocol'],
  sides: [],
  help: 'the protocol',
  accepts: 'tcp, udp, icmp, icmpv6, sctp, gre, dccp, udplite, unknown (any other), or a number from 0 to 255',
  example: 'proto:udp',
  parse({ text }) {
    const wanted = text.toLowerCase();
    if (wanted === 'unknown') return (connection) => protocolName(connection.protocol) === wanted;
    // "ip/50", as tables show those without a name.
    const number = protocolNumber(wanted.replace(/^ip\//, ''));
    return number === undefined ? undefined : (connection) => connection.protocol === number;
  },
};
