import type { Connection } from '../../model/connection.ts';
import { nextStep } from '../next-step.ts';
import { isSeenBy, type Problem, type ProblemDetector } from '../problem.ts';

/** Connections that began within this time show the kernel's current setting. */
const NEW_MS = 10_000;
/** Connections that are newer than this may be newer than the agent's report. */
const NEWEST_MS = 2000;
/** This many new connections without counters are no coincidence. */
const MIN_EVIDENCE = 3;

interface Evidence {
  counted: number;
  uncounted: number;
  /** The newest connection with counters. */
  countedAt: number;
}

/**
 * A node whose kernel counts no bytes. An agent that cannot read the setting infers it from the first entries of its table,
 * which may be old, and the kernel only counts connections that began after a change of the setting: so new connections are checked too.
 */
export const accountingOff: ProblemDetector = {
  name: 'accounting-off',
  create() {
    /** When each agent's first table was read, by its clock: the age of its entries is not known. */
    let pollingSince = new Map<string, number>();
    return ({ live, snapshot }) => {
      pollingSince = new Map(
        live.flatMap(({ key, poll }) => (poll === undefined ? [] : [[key, pollingSince.get(key) ?? poll.observedAt]])),
      );
      const clocks = new Map(live.flatMap(({ key, poll }) => (poll === undefined ? [] : [[key, poll.observedAt]])));
      const evidence = gather(snapshot.connections, pollingSince, clocks);
      return live.flatMap((agent): Problem[] => {
        const { key, node, info } = agent;
        const { counted, uncounted, countedAt } = evidence.get(key) ?? NONE;
        const now = clocks.get(key) ?? 0;
        const isOff =
          info?.accounting === 'off' ? now - countedAt > NEWEST_MS : counted === 0 && uncounted >= MIN_EVIDENCE;
        if (!isOff) return [];
        return [
          {
            key: `accounting ${key}`,
            severity: 1,
            title: 'accounting off',
            subject: node,
            count: agent.flows ?? 0,
            unit: 'connections without bytes and rates',
            explanation: 'this node’s kernel counts no bytes: rates and totals are not known here',
            nextStep: nextStep('on that node, count the bytes of connections made from then on', [
              'sudo',
              'sysctl',
              '-w',
              'net.netfilter.nf_conntrack_acct=1',
            ]),
            matches: isSeenBy(agent),
          },
        ];
      });
    };
  },
};

const NONE: Evidence = { counted: 0, uncounted: 0, countedAt: Number.NEGATIVE_INFINITY };

/** The evidence of new connections by agent. Offloaded ones may be counted elsewhere. */
function gather(
  connections: readonly Connection[],
  pollingSince: ReadonlyMap<string, number>,
  clocks: ReadonlyMap<string, number>,
): Map<string, Evidence> {
  const found = new Map<string, Evidence>();
  for (const { firstSeenAt, offloaded, hops } of connections) {
    if (offloaded) continue;
    for (const hop of hops) {
      const now = clocks.get(hop.agent);
      if (now === undefined || firstSeenAt <= (pollingSince.get(hop.agent) ?? now) || now - firstSeenAt > NEW_MS)
        continue;
      const evidence = found.get(hop.agent) ?? { ...NONE };
      found.set(hop.agent, evidence);
      if (hop.sentBytes === undefined) evidence.uncounted++;
      else {
        evidence.counted++;
        evidence.countedAt = Math.max(evidence.countedAt, firstSeenAt);
      }
    }
  }
  return found;
}
