import type { Field } from '../field.ts';
import { pattern } from '../pattern.ts';
import { eitherOf, ofParties } from '../sides.ts';

export const name: Field = {
  names: ['name'],
  sides: ['from', 'to'],
  help: 'any name: of a pod, node, workload or service, or in the DNS',
  accepts: 'a part of a name, or all of it with * for any text',
  example: 'name:example.com',
  parse(value, side) {
    const fits = pattern(value, 'contains');
    const parties = ofParties((party) => fits(party.name) || fits(party.workload?.name), side);
    return side === 'from' ? parties : eitherOf(parties, ({ service }) => fits(service?.name));
  },
};
