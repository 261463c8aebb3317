import { portsNamed } from '../../table/ports.ts';
import type { Field } from '../field.ts';

export const port: Field = {
  names: ['port'],
  sides: ['from', 'to'],
  help: 'a port of either end, before or after NAT',
  accepts: 'a port from 0 to 65535, a range as 8000-8100, or a name as https',
  example: 'to.port:443',
  parse({ text }, side) {
    const wanted = portTest(text);
    if (wanted === undefined) return undefined;
    const fits = (number: number | undefined) => number !== undefined && wanted(number);
    return (connection) =>
      (side !== 'to' && (fits(connection.sourcePort) || fits(connection.masquerade?.port))) ||
      (side !== 'from' && (fits(connection.destinationPort) || fits(connection.service?.port)));
  },
};

function portTest(text: string): ((port: number) => boolean) | undefined {
  const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (range) {
    const low = Number(range[1]);
    const high = Number(range[2] ?? range[1]);
    if (high > 65_535 || low > high) return undefined;
    return (number) => number >= low && number <= high;
  }
  const named = portsNamed(text.toLowerCase());
  return named.length === 0 ? undefined : (number) => named.includes(number);
}
