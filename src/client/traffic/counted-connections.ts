import type { Connection } from '../model/connection.ts';
import type { Snapshot } from '../model/snapshot.ts';

const COUNTED = new WeakMap<Snapshot, readonly Connection[]>();

/**
 * The connections whose traffic counts: those that are shown, and the held ones that the client's own
 * node saw. A short connection may move all its bytes before its other hops come; the rate of the hop nearest to
 * the client stays the same when they come. Returns the same list for the same snapshot.
 */
export function countedConnections(snapshot: Snapshot): readonly Connection[] {
  const { connections, held = [] } = snapshot;
  if (held.length === 0) return connections;
  let counted = COUNTED.get(snapshot);
  if (counted === undefined) {
    counted = [...connections, ...held.filter(isSeenAtSource)];
    COUNTED.set(snapshot, counted);
  }
  return counted;
}

function isSeenAtSource({ source, destination, hops }: Connection): boolean {
  const seenOn = hops[0]?.node;
  const from = source.kind === 'node' ? source.name : source.node;
  // External traffic enters at a node that is not the server's, or that node has it all.
  return from === undefined ? destination.node !== seenOn : from === seenOn;
}
