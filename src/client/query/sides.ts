import type { Party } from '../model.ts';
import type { ConnectionTest, Side } from './field.ts';
import { oncePerParty } from './pattern.ts';

/** A test of the source, the destination, or either. */
export function ofParties(test: (party: Party) => boolean, side: Side): ConnectionTest {
  const once = oncePerParty(test);
  if (side === 'from') return ({ source }) => once(source);
  if (side === 'to') return ({ destination }) => once(destination);
  return ({ source, destination }) => once(source) || once(destination);
}

export function eitherOf(a: ConnectionTest, b: ConnectionTest): ConnectionTest {
  return (connection, now) => a(connection, now) || b(connection, now);
}
