import { protocolNumber } from '../../../flow/protocol.ts';
import type { Field } from '../field.ts';

export const protocol: Field = {
  names: ['proto', 'protocol'],
  sides: [],
  help: 'the protocol',
  accepts: 'tcp, udp, icmp, icmpv6, sctp, gre, dccp, udplite, or a number from 0 to 255',
  example: 'proto:udp',
  parse({ text }) {
    const number = protocolNumber(text.toLowerCase());
    return number === undefined ? undefined : (connection) => connection.protocol === number;
  },
};
