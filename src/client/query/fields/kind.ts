import type { Field } from '../field.ts';
import { ofParties } from '../sides.ts';

const KINDS = ['pod', 'node', 'service', 'external', 'unknown'];

export const kind: Field = {
  names: ['kind'],
  sides: ['from', 'to'],
  help: 'what an end is; a service where no backend is known',
  accepts: 'pod, node, service, external or unknown',
  example: 'to.kind:external',
  parse({ text }, side) {
    const wanted = text.toLowerCase();
    if (!KINDS.includes(wanted)) return undefined;
    return ofParties((party) => (party.kind ?? 'unknown') === wanted, side);
  },
};
