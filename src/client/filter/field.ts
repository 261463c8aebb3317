import type { Connection } from '../model/connection.ts';

/** `now` is unix time in milliseconds, for ages. */
export type ConnectionPredicate = (connection: Connection, now: number) => boolean;

/** Which end a value is asked of: `field:`, `from.field:` or `to.field:`. */
export type Side = 'either' | 'from' | 'to';

/** A value as it was written. In quotes, `*` is an asterisk. */
export interface FilterValue {
  readonly text: string;
  readonly quoted: boolean;
}

/** A field of the filter language. To add one is to write one of these, and to name it in `fields.ts`. */
export interface FilterField {
  /** The first is what the documentation calls it. All lower case. */
  readonly names: readonly [string, ...string[]];
  /** With which sides it makes sense, apart from `either`. */
  readonly sides: readonly ('from' | 'to')[];
  /** Why there is no `from.`, or no `to.`, and what to ask for instead. */
  readonly missingSideHint?: string;
  /** One line for the help. */
  readonly help: string;
  /** What its values are, for the help and for errors: "a port, a range or a name". */
  readonly accepts: string;
  readonly example: string;
  /** A test for one value, or undefined where the value is none of what the field accepts. */
  parse(value: FilterValue, side: Side): ConnectionPredicate | undefined;
}

/** A field that is yes or no; where it is not known, it is neither. */
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
