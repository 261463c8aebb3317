import type { Connection } from '../model.ts';
import type { ConnectionTest } from '../query/field.ts';

export interface ConnectionEvent {
  readonly event: 'added' | 'updated' | 'removed';
  readonly connection: Connection;
  /** Of an update: the connection before. */
  readonly before?: Connection;
}

/** Tells what is new, changed and gone among the connections that pass, from one snapshot to the next. */
export class ConnectionEvents {
  readonly #passes: ConnectionTest;
  #known = new Map<number, Connection>();

  constructor(passes: ConnectionTest) {
    this.#passes = passes;
  }

  /** `at`: unix time in milliseconds. A connection that ceases to pass is removed, one that begins to is added. */
  take(connections: readonly Connection[], at: number): ConnectionEvent[] {
    const events: ConnectionEvent[] = [];
    const now = new Map<number, Connection>();
    for (const connection of connections) {
      const before = this.#known.get(connection.id);
      // One that has not changed may cease to pass all the same: its age does not stand still.
      if (!this.#passes(connection, at)) continue;
      now.set(connection.id, connection);
      if (before === undefined) events.push({ event: 'added', connection });
      // A connection that changed is another object.
      else if (before !== connection) events.push({ event: 'updated', connection, before });
    }
    const removed: ConnectionEvent[] = [];
    for (const [id, connection] of this.#known) if (!now.has(id)) removed.push({ event: 'removed', connection });
    this.#known = now;
    // What goes comes first: another connection may be at the same addresses and ports already.
    return [...removed, ...events];
  }
}
