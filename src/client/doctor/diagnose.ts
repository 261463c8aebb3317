import type { Check, Finding } from './check.ts';
import { agents } from './checks/agents.ts';
import { clock } from './checks/clock.ts';
import { apiServer, kubeconfig, rights } from './checks/cluster-access.ts';
import { table, tableFill } from './checks/conntrack-table.ts';
import { accounting, timestamps } from './checks/kernel-settings.ts';
import { network } from './checks/network.ts';
import { nodes } from './checks/nodes.ts';
import { pollCost } from './checks/poll-cost.ts';

import { versions } from './checks/versions.ts';
import type { Facts } from './facts.ts';

/** All checks, in the order in which one depends on those before it. */
export const CHECKS: readonly Check[] = [
  kubeconfig,
  apiServer,
  rights,
  network,
  nodes,
  agents,
  versions,
  table,
  accounting,
  timestamps,
  tableFill,
  pollCost,
  clock,
];

export interface Diagnosed extends Finding {
  readonly check: string;
}

export function diagnose(facts: Facts): readonly Diagnosed[] {
  return CHECKS.filter(({ places }) => places.includes(facts.place)).flatMap((check) =>
    check.find(facts).map((finding) => ({ check: check.id, ...finding })),
  );
}
