import { stateNumber } from '../../../flow/state.ts';
import { formatSome, formatWorkload } from '../../format/connection.ts';
import { isKubernetesName } from '../../format/shell-command.ts';
import type { Connection, Endpoint } from '../../model/connection.ts';
import { ConditionTimer } from '../condition-timer.ts';
import { type NextStep, nextStep } from '../next-step.ts';
import { groupBy, type Problem, type ProblemDetector } from '../problem.ts';

/** Connections are half-closed for a moment when they end; longer means that a program has not closed its socket. */
const MIN_IDLE_MS = 1500;
/** A few are normal. */
const MIN_CONNECTIONS = 10;

const CLOSE_WAIT = stateNumber('CLOSE_WAIT');

/**
 * Connections that only one side has closed. The kernel does not report which side: the detector assumes
 * the one with the most of them. The kernel removes the entries after 60 s without a packet, although the sockets may stay open.
 */
export const closeWait: ProblemDetector = {
  name: 'close-wait',
  create() {
    const lasting = new ConditionTimer();
    return (moment) => {
      const forgotten = moment.snapshot.connections.filter((connection) => {
        if (connection.state !== CLOSE_WAIT) return false;
        const clock = moment.timeOf(connection);
        return clock !== undefined && lasting.observe(connection, clock) >= MIN_IDLE_MS;
      });
      lasting.endRound();
      return pileUps(forgotten);
    };
  },
};

/** Groups them by the workload that has the most, then the rest likewise. */
function pileUps(forgotten: readonly Connection[]): Problem[] {
  const problems: Problem[] = [];
  for (let left = forgotten; left.length >= MIN_CONNECTIONS; ) {
    const byServer = largest(groupBy(left, ({ destination }) => formatWorkload(destination)));
    const byClient = largest(groupBy(left, ({ source }) => formatWorkload(source)));
    const isServer = byServer.connections.length >= byClient.connections.length;
    const { subject, connections } = isServer ? byServer : byClient;
    if (connections.length < MIN_CONNECTIONS) break;
    const ids = new Set(connections.map(({ id }) => id));
    const peers = new Set(
      connections.map(({ source, destination }) => formatWorkload(isServer ? source : destination)),
    );
    problems.push({
      key: `close-wait ${subject}`,
      severity: 2,
      title: 'connections stuck in CLOSE_WAIT',
      subject,
      count: connections.length,
      unit: 'half-closed connections',
      explanation: `one side has closed, the other does not (${isServer ? 'clients' : 'to'}: ${formatSome(peers)}): a program leaks connections`,
      nextStep: listSockets(connections.map(({ source, destination }) => (isServer ? destination : source))),
      matches: ({ id }) => ids.has(id),
    });
    left = left.filter(({ id }) => !ids.has(id));
  }
  return problems;
}

/** Lists a pod's sockets from inside its network namespace, because its image may lack the tool. */
function listSockets(endpoints: readonly Endpoint[]): NextStep {
  const text = 'look at its connection pool, and at which sockets it keeps';
  const pod = endpoints.find(({ kind, ended }) => kind === 'pod' && !ended);
  const { namespace, name } = pod ?? {};
  if (namespace === undefined || name === undefined || ![namespace, name].every(isKubernetesName))
    return nextStep(text);
  return nextStep(text, ['kubectl', '-n', namespace, 'debug', '-it', name, '--image=busybox', '--', 'netstat', '-tn']);
}

function largest(groups: ReadonlyMap<string, readonly Connection[]>) {
  let [subject, connections]: [string, readonly Connection[]] = ['', []];
  for (const [name, group] of groups) if (group.length > connections.length) [subject, connections] = [name, group];
  return { subject, connections };
}
