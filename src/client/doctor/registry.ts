import type { Check, Finding } from './check.ts';
import { accounting } from './checks/accounting.ts';
import { agents } from './checks/agents.ts';
import { apiServer } from './checks/api-server.ts';
import { clock } from './checks/clock.ts';
import { kubeconfig } from './checks/kubeconfig.ts';
import { network } from './checks/network.ts';
import { nodes } from './checks/nodes.ts';
import { pollCost } from './checks/poll-cost.ts';
import { rights } from './checks/rights.ts';
import { table } from './checks/table.ts';
import { tableFill } from './checks/table-fill.ts';
import { timestamps } from './checks/timestamps.ts';
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
