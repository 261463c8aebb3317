import { ADDRESS_BYTES, cidrContains, parseAddress, parseCidr } from '../../../flow/address.ts';
import type { AddressPort } from '../../model.ts';
import type { Field } from '../field.ts';

/** Answers that are remembered; more would be more than there are addresses on most screens. */
const MOST_KNOWN = 65_536;

export const ip: Field = {
  names: ['ip', 'address', 'cidr'],
  sides: ['from', 'to'],
  help: 'an address of either end, before or after NAT',
  accepts: 'an address, or a block of them as 10.0.0.0/8',
  example: 'to.ip:10.96.0.0/12',
  parse({ text }, side) {
    const cidr = parseCidr(text);
    if (cidr === undefined) return undefined;
    const bytes = new Uint8Array(ADDRESS_BYTES);
    const known = new Map<string, boolean>();
    const contains = (address: string): boolean => {
      let answer = known.get(address);
      if (answer === undefined) {
        answer = parseAddress(address, bytes, 0) === cidr.family && cidrContains(cidr, bytes, 0);
        if (known.size >= MOST_KNOWN) known.clear();
        known.set(address, answer);
      }
      return answer;
    };
    const holds = (end: AddressPort | undefined) => end !== undefined && contains(end.address);
    return (connection) =>
      (side !== 'to' && (contains(connection.source.address) || holds(connection.masquerade))) ||
      (side !== 'from' && (contains(connection.destination.address) || holds(connection.service)));
  },
};
