import type { Field } from '../field.ts';

export const zone: Field = {
  names: ['zone'],
  sides: [],
  help: 'the conntrack zone',
  accepts: 'a number from 0 to 65535',
  example: 'zone:0',
  parse({ text }) {
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) return undefined;
    const wanted = Number(text);
    return (connection) => connection.zone === wanted;
  },
};
