import { sumOfKnown } from '../../table/sum.ts';
import type { Field } from '../field.ts';
import { comparison, parseSize } from '../quantity.ts';

export const rate: Field = {
  names: ['rate'],
  sides: ['from', 'to'],
  help: 'bytes per second in both directions; from. only what the source sends, to. only what it receives',
  accepts: 'a comparison as >1M, <=10k or =0; without a sign, at least that',
  example: 'rate:>1M',
  parse({ text }, side) {
    const fits = comparison(text, parseSize);
    if (fits === undefined) return undefined;
    if (side === 'from') return ({ sentRate }) => fits(sentRate);
    if (side === 'to') return ({ receivedRate }) => fits(receivedRate);
    return ({ sentRate, receivedRate }) => fits(sumOfKnown(sentRate, receivedRate));
  },
};
