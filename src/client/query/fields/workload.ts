import type { Field } from '../field.ts';
import { pattern } from '../pattern.ts';
import { ofParties } from '../sides.ts';

export const workload: Field = {
  names: ['workload'],
  sides: ['from', 'to'],
  help: 'the Deployment, StatefulSet, DaemonSet or Job of a pod',
  accepts: 'a workload as name, kind/name or namespace/name, with * for any text',
  example: 'workload:deployment/cart',
  parse(value, side) {
    const slash = value.text.indexOf('/');
    const fits = pattern({ ...value, text: value.text.slice(slash + 1) }, 'same');
    const fitsScope = slash < 0 ? () => true : pattern({ ...value, text: value.text.slice(0, slash) }, 'same');
    return ofParties(
      (party) => fits(party.workload?.name) && (fitsScope(party.workload?.kind) || fitsScope(party.namespace)),
      side,
    );
  },
};
