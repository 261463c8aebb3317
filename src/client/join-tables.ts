import { Join } from './join/join.ts';
import type { Connection } from './model.ts';
import type { Names } from './names/names.ts';
import type { RosterEntry } from './roster.ts';

/** Joins the tables of a session's agents: what `session` calls to make connections. */
export function joinTables(
  names: Names,
): (agents: readonly RosterEntry[], namesChanged: boolean) => readonly Connection[] {
  const join = new Join();
  return (agents, namesChanged) => {
    const inputs = agents.flatMap(({ state, table }) =>
      table === undefined ? [] : [{ key: state.key, node: state.node, table, stale: state.status.kind !== 'live' }],
    );
    return join.update(inputs, names, namesChanged);
  };
}
