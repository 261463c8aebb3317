import { formatTarget, formatWorkload } from '../format/connection.ts';
import { type Connection, isUnanswered } from '../model/connection.ts';
import { groupBy, type Observation } from './problem.ts';

/** Unanswered connections to one destination. */
export interface UnansweredGroup {
  readonly target: string;
  readonly connections: ReadonlySet<number>;
  readonly sources: ReadonlySet<string>;
  /** The backends of a Service that do not reply. */
  readonly backends: ReadonlySet<string>;
  readonly example: Connection;
}

/** The unanswered connections of one kind, by destination. */
export function unansweredGroups(
  { snapshot }: Observation,
  isKind: (connection: Connection) => boolean,
): UnansweredGroup[] {
  const found = snapshot.connections.filter((connection) => isUnanswered(connection) && isKind(connection));
  return [...groupBy(found, formatTarget)].flatMap(([target, connections]) => {
    const [example] = connections;
    if (example === undefined) return [];
    return {
      target,
      connections: new Set(connections.map(({ id }) => id)),
      sources: new Set(connections.map(({ source }) => formatWorkload(source))),
      backends: new Set(connections.flatMap((one) => (one.service === undefined ? [] : [one.destination.address]))),
      example,
    };
  });
}
