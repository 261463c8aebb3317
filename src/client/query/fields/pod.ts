import type { Field } from '../field.ts';
import { scopedName } from '../scoped-name.ts';
import { ofParties } from '../sides.ts';

export const pod: Field = {
  names: ['pod'],
  sides: ['from', 'to'],
  help: 'the name of a pod, or how it begins',
  accepts: 'a pod as name or namespace/name, with * for any text',
  example: 'from.pod:shop/cart',
  parse(value, side) {
    const fits = scopedName(value, 'begins');
    return ofParties((party) => party.kind === 'pod' && fits(party.namespace, party.name), side);
  },
};
