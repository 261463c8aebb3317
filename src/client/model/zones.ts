import type { Connection } from './connection.ts';

/** The conntrack zones that a connection passed, in ascending order. */
export function listZones({ zone, zones }: Connection): readonly number[] {
  return zones ?? [zone];
}
