import type { Connection } from '../model/connection.ts';

/** `now` is unix time in milliseconds, for ages. */
export type ConnectionPredicate = (connection: Connection, now: number) => boolean;

/** Which side of a connection is tested: `field:`, `from.field:` or `to.field:`. */
export type Side = 'either' | 'from' | 'to';

/** A value as it was written. In quotes, `*` is an asterisk. */
export interface FilterValue {
  readonly text: string;
  readonly quoted: boolean;
}

/** A field of the filter language. To add a field, write an object of this type and list it in `fields.ts`. */
export interface FilterField {
  /** The first is what the documentation calls it. All lower case. */
  readonly names: readonly [string, ...string[]];
  /** The sides that it supports, apart from `either`. */
  readonly sides: readonly ('from' | 'to')[];
  /** Why there is no `from.` or no `to.`, and what to use instead. */
  readonly missingSideHint?: string;
  /** One line for the help. */
  readonly help: string;
  /** Its values, for the help and for errors: "a port, a range or a name". */
  readonly accepts: string;
  readonly example: string;
  /** A test for one value; undefined: the field does not accept the value. */
  parse(value: FilterValue, side: Side): ConnectionPredicate | undefined;
}

/** A field with the values yes and no; an unknown value matches neither. */
export function booleanField(
  name: string,
  help: string,
  of: (connection: Connection) => boolean | undefined,
): FilterField {
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
