import type { Field } from '../field.ts';
import { comparison, parseDuration } from '../quantity.ts';

export const age: Field = {
  names: ['age'],
  sides: [],
  help: 'how long the connection has been seen',
  accepts: 'a comparison as <10s, >5m or >=1h30m; without a sign, at least that',
  example: 'age:<10s',
  parse({ text }) {
    const fits = comparison(text, parseDuration);
    return fits === undefined ? undefined : ({ firstSeenAt }, now) => fits(Math.max(0, now - firstSeenAt) / 1000);
  },
};
