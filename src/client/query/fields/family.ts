import type { Field } from '../field.ts';

export const family: Field = {
  names: ['family'],
  sides: [],
  help: 'IPv4 or IPv6',
  accepts: '4 or 6',
  example: 'family:6',
  parse({ text }) {
    const wanted = /^(?:ipv?)?([46])$/i.exec(text)?.[1];
    return wanted === undefined ? undefined : (connection) => connection.family === Number(wanted);
  },
};
