import type { Check, Finding } from './check.ts';
import { agents } from './checks/agents.ts';
import { clock } from './checks/clock.ts';
import { apiServer, kubeconfig } from './checks/cluster-access.ts';
import { conntrackTable, tableFill } from './checks/conntrack-table.ts';
import { accounting, timestamps } from './checks/kernel-settings.ts';
import { network } from './checks/network.ts';
import { nodes } from './checks/nodes.ts';
import { permissions } from './checks/permissions.ts';
import { pollCost } from './checks/poll-cost.ts';
import { source } from './checks/source.ts';
import { versions } from './checks/versions.ts';
import type { Facts } from './facts.ts';

/** All checks: each one may depend on the checks before it. */
export const CHECKS: readonly Check[] = [
  kubeconfig,
  apiServer,
  permissions,
  network,
  nodes,
  agents,
  versions,
  conntrackTable,
  source,
  accounting,
  timestamps,
  tableFill,
  pollCost,
  clock,
];

export interface Diagnosis extends Finding {
  readonly check: string;
}

export function diagnose(facts: Facts): readonly Diagnosis[] {
  return CHECKS.filter(({ modes }) => modes.includes(facts.mode)).flatMap((check) =>
    check.find(facts).map((finding) => ({ check: check.id, ...finding })),
  );
}
