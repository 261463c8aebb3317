import type { Party } from '../../model.ts';
import type { Field } from '../field.ts';
import { pattern } from '../pattern.ts';
import { eitherOf, ofParties } from '../sides.ts';

export const node: Field = {
  names: ['node'],
  sides: ['from', 'to'],
  help: 'the node that an end is or runs on; without from. or to. also one that saw the connection',
  accepts: 'a node, with * for any text',
  example: 'node:worker-7',
  parse(value, side) {
    const fits = pattern(value, 'same');
    // A node is often called by the first part of its name.
    const fitsNode = (name: string | undefined) => fits(name) || fits(name?.split('.')[0]);
    const parties = ofParties((party: Party) => fitsNode(party.kind === 'node' ? party.name : party.node), side);
    if (side !== 'either') return parties;
    return eitherOf(parties, ({ hops }) => hops.some((hop) => fitsNode(hop.node)));
  },
};
