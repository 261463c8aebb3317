import type { Connection, Party } from '../../model.ts';

export const GROUPINGS = ['node', 'namespace', 'workload'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** All that is outside the cluster, as one box. */
export const OUTSIDE = 'outside';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** What grouping has to know besides the connection. */
export interface GroupingContext {
  readonly grouping: Grouping;
  /** The only watched node, when there is but one: its peers are then shown one by one. */
  readonly onlyNode?: string;
}

/** The boxes that a connection passes, from source to destination, each once; at least one. */
export function pathOf(connection: Connection, context: GroupingContext): string[] {
  if (context.grouping !== 'node') {
    const from = boxOf(connection.source, context);
    const to = boxOf(connection.destination, context);
    return from === to ? [from] : [from, to];
  }
  const path: string[] = [];
  const pass = (box: string) => {
    if (!path.includes(box)) path.push(box);
  };
  const ends = connection.hops.map((hop) => hop.node);
  pass(nodeOf(connection.source, context) ?? boxOf(connection.source, context));
  const destination = nodeOf(connection.destination, context) ?? boxOf(connection.destination, context);
  for (const node of ends) if (node !== destination) pass(node);
  pass(destination);
  return path;
}

function nodeOf(party: Party, context: GroupingContext): string | undefined {
  if (party.node !== undefined) return party.node;
  if (party.kind === 'node') return party.name;
  return context.onlyNode !== undefined && LOOPBACK.test(party.address) ? context.onlyNode : undefined;
}

/** The box of one end. Where nothing is known of an address, it is a box of its own. */
export function boxOf(party: Party, context: GroupingContext): string {
  if (party.kind === 'external') {
    if (context.onlyNode === undefined) return OUTSIDE;
    return party.name ?? party.address;
  }
  if (party.kind === 'node') return party.name ?? party.address;
  if (context.grouping === 'namespace') return party.namespace ?? party.address;
  const name = context.grouping === 'workload' ? (party.workload?.name ?? party.name) : party.name;
  if (name === undefined) return party.address;
  const service = party.kind === 'service' ? 'svc ' : '';
  return `${service}${party.namespace === undefined ? '' : `${party.namespace}/`}${name}`;
}
