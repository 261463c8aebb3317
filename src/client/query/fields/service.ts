import type { Field } from '../field.ts';
import { scopedName } from '../scoped-name.ts';
import { eitherOf, ofParties } from '../sides.ts';

export const service: Field = {
  names: ['service', 'svc'],
  sides: ['to'],
  without: 'a service is only asked, by to.service; for what stands behind it, from.workload or from.pod',
  help: 'the service that was asked, whether or not a backend answered',
  accepts: 'a service as name or namespace/name, with * for any text',
  example: 'svc:shop/web',
  parse(value) {
    const fits = scopedName(value, 'same');
    return eitherOf(
      ({ service: asked }) => asked !== undefined && fits(asked.namespace, asked.name),
      ofParties((party) => party.kind === 'service' && fits(party.namespace, party.name), 'to'),
    );
  },
};
