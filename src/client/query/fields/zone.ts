import { zonesOf } from '../../table/zones.ts';
import type { Field } from '../field.ts';

export const zone: Field = {
  names: ['zone'],
  sides: [],
  help: 'a conntrack zone that it passed',
  accepts: 'a number from 0 to 65535',
  example: 'zone:0',
  parse({ text }) {
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) return undefined;
    const wanted = Number(text);
    return (connection) => zonesOf(connection).includes(wanted);
  },
};
