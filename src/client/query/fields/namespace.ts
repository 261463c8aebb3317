import type { Field } from '../field.ts';
import { pattern } from '../pattern.ts';
import { eitherOf, ofParties } from '../sides.ts';

export const namespace: Field = {
  names: ['ns', 'namespace'],
  sides: ['from', 'to'],
  help: 'the namespace of a pod or of the service that was asked',
  accepts: 'a namespace, with * for any text',
  example: 'ns:shop',
  parse(value, side) {
    const fits = pattern(value, 'same');
    const parties = ofParties((party) => fits(party.namespace), side);
    return side === 'from' ? parties : eitherOf(parties, ({ service }) => fits(service?.namespace));
  },
};
