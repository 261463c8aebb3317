import { stateNumber } from '../../../flow/state.ts';
import { someOf, workloadText } from '../../format/connection.ts';
import type { Connection } from '../../model/connection.ts';
import { Lasting } from '../condition-timer.ts';
import { nextStep } from '../next-step.ts';
import { groupBy, type Problem, type ProblemKind } from '../problem.ts';

/** Half-closed for a moment is how connections end; half-closed for longer, a program has forgotten them. */
const FORGOTTEN_MS = 1500;
/** A few are ordinary. */
const MANY = 10;

const CLOSE_WAIT = stateNumber('CLOSE_WAIT');

/**
 * Connections of which one side has closed and the other does not. The kernel does not tell which side: it is taken to
 * be the one that has the most of them. It forgets them after 60 s without a packet, though the programs may not.
 */
export const closeWait: ProblemKind = {
  name: 'close-wait',
  begin() {
    const lasting = new Lasting();
    return (moment) => {
      const forgotten = moment.snapshot.connections.filter((connection) => {
        if (connection.state !== CLOSE_WAIT) return false;
        const clock = moment.clock(connection);
        return clock !== undefined && lasting.note(connection, clock) >= FORGOTTEN_MS;
      });
      lasting.endRound();
      return pileUps(forgotten);
    };
  },
};

/** By the workload that has the most, then by that of what is left. */
function pileUps(forgotten: readonly Connection[]): Problem[] {
  const problems: Problem[] = [];
  for (let left = forgotten; left.length >= MANY; ) {
    const byServer = largest(groupBy(left, ({ destination }) => workloadText(destination)));
    const byClient = largest(groupBy(left, ({ source }) => workloadText(source)));
    const isServer = byServer.connections.length >= byClient.connections.length;
    const { where, connections } = isServer ? byServer : byClient;
    if (connections.length < MANY) break;
    const ids = new Set(connections.map(({ id }) => id));
    const peers = new Set(connections.map(({ source, destination }) => workloadText(isServer ? source : destination)));
    problems.push({
      key: `close-wait ${where}`,
      severity: 2,
      what: 'CLOSE_WAIT piles up',
      where,
      count: connections.length,
      counted: 'half-closed connections',
      meaning: `one side has closed, the other does not (${isServer ? 'clients' : 'to'}: ${someOf(peers)}): a program leaks connections`,
      next: nextStep('look at its connection pool, and in its pods at who keeps them', [
        'ss',
        '-tnp',
        'state',
        'close-wait',
      ]),
      matches: ({ id }) => ids.has(id),
    });
    left = left.filter(({ id }) => !ids.has(id));
  }
  return problems;
}

function largest(groups: ReadonlyMap<string, readonly Connection[]>) {
  let [where, connections]: [string, readonly Connection[]] = ['', []];
  for (const [name, group] of groups) if (group.length > connections.length) [where, connections] = [name, group];
  return { where, connections };
}
