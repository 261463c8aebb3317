import type { Field } from '../field.ts';
import { comparison, parseDuration } from '../quantity.ts';

export const age: Field = {
  names: ['age'],
  sides: [],
  help: 'how long ago the connection began; of one that is older than kflow knows, the least that it can be',
  accepts: 'a comparison as <10s, >5m or >=1h30m; without a sign, at least that',
  example: 'age:<10s',
  parse({ text }) {
    const fits = comparison(text, parseDuration);
    if (fits === undefined) return undefined;
    // An age of which only the least is known is above a bound, or it is not known on which side it is.
    const isLowerBound = fits(Number.MAX_VALUE);
    return ({ firstSeenAt, startedAt }, now) =>
      (startedAt !== undefined || isLowerBound) && fits(Math.max(0, now - firstSeenAt) / 1000);
  },
};
