import { STATE_NAMES } from '../../../flow/state.ts';
import { stateText } from '../../table/state-text.ts';
import type { Field } from '../field.ts';
import { pattern } from '../pattern.ts';

/** What stands in the place of a state where a protocol has none. */
const HINTS = ['UNREPLIED', 'REPLIED', 'ASSURED', 'OFFLOADED'];

export const state: Field = {
  names: ['state'],
  sides: [],
  help: 'the state, as it is shown',
  accepts: 'a state as established, syn_sent, time_wait or unreplied, with * for any text',
  example: 'state:syn_sent,syn_recv',
  parse({ text, quoted }) {
    const fits = pattern({ text: text.replaceAll('-', '_'), quoted }, 'same');
    if (![...STATE_NAMES.slice(1), ...HINTS].some(fits)) return undefined;
    return (connection) => fits(stateText(connection));
  },
};
