import { Join } from './join/join.ts';
import type { Names } from './names/names.ts';
import type { Connect } from './session.ts';

/** Joins the tables of a session's agents: what `session` calls to make connections. `clock` only goes forward. */
export function joinTables(names: Names, clock: () => number = () => performance.now()): Connect {
  const join = new Join();
  return (agents, namesChanged) => {
    const now = clock();
    const inputs = agents.flatMap(({ state, table }) =>
      table === undefined ? [] : [{ key: state.key, node: state.node, table, stale: state.status.kind !== 'live' }],
    );
    const watched = agents.flatMap(({ state: { node, status }, polls }) =>
      status.kind === 'unused' ? [] : [{ node, status: status.kind, polls }],
    );
    const connections = join.update(inputs, names, namesChanged, { agents: watched, now });
    const { held, dueAt } = join;
    return { connections, held, ...(dueAt === undefined ? {} : { dueInMs: Math.max(0, dueAt - now) }) };
  };
}
