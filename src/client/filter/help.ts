import { FIELDS } from './fields.ts';

export interface FieldHelp {
  /** "ns, namespace" */
  readonly names: string;
  /** The forms with a side: "from.ns, to.ns"; empty if there are none. */
  readonly sides: string;
  readonly help: string;
  readonly accepts: string;
  readonly example: string;
}

/** The documentation of every field, from the fields themselves. */
export function describeFields(): readonly FieldHelp[] {
  return FIELDS.map(({ names, sides, help, accepts, example }) => ({
    names: names.join(', '),
    sides: sides.map((side) => `${side}.${names[0]}`).join(', '),
    help,
    accepts,
    example,
  }));
}

/** Prefixes of terms, for completion: "ns:", "from.ns:" … */
export function fieldPrefixes(): readonly string[] {
  return FIELDS.flatMap(({ names, sides }) =>
    names.flatMap((name) => [`${name}:`, ...sides.map((side) => `${side}.${name}:`)]),
  );
}
