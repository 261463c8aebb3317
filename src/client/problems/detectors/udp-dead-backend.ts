import { parseCidr } from '../../../flow/address.ts';
import { UDP } from '../../../flow/protocol.ts';
import { formatEndpoint, formatSome, formatTarget, formatWorkload } from '../../format/connection.ts';
import { isKubernetesName } from '../../format/shell-command.ts';
import type { Connection } from '../../model/connection.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { type NextStep, nextStep } from '../next-step.ts';
import { type AgentTime, groupBy, type ProblemDetector } from '../problem.ts';

/** Packets that were sent while the pod ended do not count. */
const MIN_DURATION_MS = 1500;
/** The client counts as active for this time after its last packet. */
const RECENT_MS = 10_000;
/** Timeouts are known to the second. */
const RENEWED_SECONDS = 2;

interface Sent {
  agent: string;
  since: number;
  lastAt: number | undefined;
  packets: number | undefined;
  received: number | undefined;
  expiresAt: number | undefined;
}

/**
 * UDP flows that had replies and still go to a pod that is gone: the kernel keeps a client's translation as
 * long as packets come, so a client with a fixed port never reaches another backend. (TCP would be reset.)
 */
export const udpDeadBackend: ProblemDetector = {
  name: 'udp-dead-backend',
  create() {
    let marks = new Map<number, Sent>();
    return ({ snapshot, timeOf }) => {
      const noted = new Map<number, Sent>();
      const dead: Connection[] = [];
      for (const connection of snapshot.connections) {
        if (connection.protocol !== UDP || !connection.replied || !isBackendGone(connection, snapshot)) continue;
        const now = timeOf(connection);
        if (now === undefined) continue;
        const sent = seen(connection, now, marks.get(connection.id));
        noted.set(connection.id, sent);
        const { since, lastAt } = sent;
        if (lastAt !== undefined && lastAt - since >= MIN_DURATION_MS && now.at - lastAt < RECENT_MS)
          dead.push(connection);
      }
      marks = noted;
      return [...groupBy(dead, formatTarget)].map(([subject, connections]) => {
        const ids = new Set(connections.map(({ id }) => id));
        const clients = new Set(connections.map(({ source }) => formatWorkload(source)));
        const backends = new Set(connections.map(({ destination }) => formatBackend(destination)));
        const [example] = connections;
        return {
          key: `udp-dead-backend ${subject}`,
          severity: 3,
          title: 'UDP to a pod that is gone',
          subject,
          count: connections.length,
          unit: 'connections that continue',
          explanation: `${formatSome(clients)} sends to ${formatSome(backends)}, which is not there any more: the kernel keeps the translation as long as packets come`,
          nextStep: nextOf(example),
          matches: ({ id }) => ids.has(id),
        };
      });
    };
  },
};

/** Names and addresses of a recording are not checked yet. */
function nextOf(example: Connection | undefined): NextStep {
  const node = example?.hops[0]?.node ?? '';
  const address = example?.destination.address ?? '';
  const advice = 'let the client use another source port';
  if (!isKubernetesName(node) || parseCidr(address) === undefined) return nextStep(advice);
  const command = ['sudo', 'conntrack', '-D', '-p', 'udp', '--reply-src', address];
  return nextStep(`${advice}, or, on node ${node}, delete the translation`, command);
}

/** The pod has ended, or the backend's address has no owner any more. */
function isBackendGone({ destination, service }: Connection, snapshot: Snapshot): boolean {
  if (destination.ended) return true;
  const isUnowned = destination.kind === undefined && destination.candidates === undefined;
  if (!isUnowned || service?.name === undefined) return false;
  return snapshot.namesPending === undefined && snapshot.missingNames === undefined;
}

function formatBackend(destination: Connection['destination']): string {
  const { name, address } = destination;
  return name === undefined ? address : `${formatEndpoint(destination)} (${address})`;
}

function seen(connection: Connection, { agent, at }: AgentTime, mark: Sent | undefined): Sent {
  const { sentPackets: packets, receivedPackets: received, expiresAt } = connection;
  const first = { agent, since: at, lastAt: undefined, packets, received, expiresAt };
  // Replies still come.
  if (mark === undefined || mark.agent !== agent || (received ?? 0) > (mark.received ?? 0)) return first;
  const isCounted = packets !== undefined && mark.packets !== undefined;
  const isSent = isCounted
    ? packets > (mark.packets ?? 0)
    : expiresAt !== undefined && expiresAt >= (mark.expiresAt ?? expiresAt) + RENEWED_SECONDS;
  return isSent ? { ...mark, lastAt: at, packets, expiresAt } : mark;
}
