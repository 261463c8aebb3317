import { sumOfKnown } from '../../table/sum.ts';
import type { Field } from '../field.ts';
import { comparison, parseSize } from '../quantity.ts';

export const packets: Field = {
  names: ['packets'],
  sides: ['from', 'to'],
  help: 'packets since the connection began, in both directions; from. only sent, to. only received',
  accepts: 'a comparison as >1M or <10; without a sign, at least that',
  example: 'packets:<10',
  parse({ text }, side) {
    const fits = comparison(text, parseSize);
    if (fits === undefined) return undefined;
    if (side === 'from') return ({ sentPackets }) => fits(sentPackets);
    if (side === 'to') return ({ receivedPackets }) => fits(receivedPackets);
    return ({ sentPackets, receivedPackets }) => fits(sumOfKnown(sentPackets, receivedPackets));
  },
};
