import { sumOfKnown } from '../../table/sum.ts';
import type { Field } from '../field.ts';
import { comparison, parseSize } from '../quantity.ts';

export const bytes: Field = {
  names: ['bytes'],
  sides: ['from', 'to'],
  help: 'bytes since the connection began, in both directions; from. only sent, to. only received',
  accepts: 'a comparison as >1G, <=10k or =0; without a sign, at least that',
  example: 'bytes:>1G',
  parse({ text }, side) {
    const fits = comparison(text, parseSize);
    if (fits === undefined) return undefined;
    if (side === 'from') return ({ sentBytes }) => fits(sentBytes);
    if (side === 'to') return ({ receivedBytes }) => fits(receivedBytes);
    return ({ sentBytes, receivedBytes }) => fits(sumOfKnown(sentBytes, receivedBytes));
  },
};
