import type { Field } from '../field.ts';

export const mark: Field = {
  names: ['mark'],
  sides: [],
  help: 'the connection mark, or some of its bits',
  accepts: 'a number as 42 or 0x4000, or one with a mask as 0x4000/0x4000',
  example: 'mark:0x4000/0x4000',
  parse({ text }) {
    const parts = /^(0x[0-9a-f]{1,8}|\d{1,10})(?:\/(0x[0-9a-f]{1,8}|\d{1,10}))?$/i.exec(text);
    if (!parts) return undefined;
    const wanted = Number(parts[1]);
    const mask = parts[2] === undefined ? 0xffff_ffff : Number(parts[2]);
    if (wanted > 0xffff_ffff || mask > 0xffff_ffff) return undefined;
    return (connection) => (connection.mark & mask) >>> 0 === wanted;
  },
};
