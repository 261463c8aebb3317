import type { Connection } from '../model.ts';
import type { Field } from './field.ts';

/** A field that is yes or no; where it is not known, it is neither. */
export function yesNo(name: string, help: string, of: (connection: Connection) => boolean | undefined): Field {
  return {
    names: [name],
    sides: [],
    help,
    accepts: 'yes or no',
    example: `${name}:no`,
    parse({ text }) {
      if (!/^(y|yes|true|n|no|false)$/i.test(text)) return undefined;
      const wanted = /^[yt]/i.test(text);
      return (connection) => of(connection) === wanted;
    },
  };
}
