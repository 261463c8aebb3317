import { TCP, UDP } from '../../../flow/protocol.ts';
import {
  addressPort,
  formatAddressPort,
  formatTarget,
  formatWorkload,
  requestedAddress,
} from '../../format/connection.ts';
import { formatCount } from '../../format/numbers.ts';
import type { Connection } from '../../model/connection.ts';

import { nextStep } from '../next-step.ts';
import { DENSE_RATIO, MIN_DENSE_PORTS, PortRanges } from '../port-ranges.ts';
import type { Problem, ProblemDetector } from '../problem.ts';

/** Ports that Linux gives to a client by default (ip_local_port_range), and that source NAT chooses from. */
const CLIENT_PORTS = 60_999 - 32_768 + 1;
const NAT_PORTS = 65_535 - 1024 + 1;
const WARNING_RATIO = 0.5;
const CRITICAL_RATIO = 0.9;
const CRITICAL_DENSE_RATIO = 0.95;

interface Use {
  readonly example: Connection;
  readonly ports: Set<number>;
  readonly connections: Set<number>;
}

/** Connections per step. */
const STRIDE = 512;

/**
 * One source that uses most of its ports towards one destination: the next connection finds no port, and fails. A
 * closed connection keeps its port until its entry expires.
 */
export const portExhaustion: ProblemDetector = {
  name: 'ports-used-up',
  create: () =>
    function* ({ snapshot }) {
      const { connections } = snapshot;
      const own = new PortRanges();
      const nat = new PortRanges();
      for (const [i, connection] of connections.entries()) {
        if (i % STRIDE === 0) yield;
        if (!isRelevant(connection)) continue;
        const { source, sourcePort, destination, destinationPort, service, snat, protocol } = connection;
        const asked = service ?? destination;
        own.add(source.address, asked.address, (service?.port ?? destinationPort ?? 0) * 256 + protocol, sourcePort);
        if (snat !== undefined)
          nat.add(snat.address, destination.address, (destinationPort ?? 0) * 256 + protocol, snat.port);
      }
      const may = [own.findSuspects(WARNING_RATIO * CLIENT_PORTS), nat.findSuspects(WARNING_RATIO * NAT_PORTS)];
      if (!may.includes(true)) return [];
      const uses = new Map<string, Use>();
      for (const [i, connection] of connections.entries()) {
        if (i % STRIDE === 0) yield;
        const { source, destination, service, snat } = connection;
        const suspicious =
          own.isSuspicious(source.address, (service ?? destination).address) ||
          (snat !== undefined && nat.isSuspicious(snat.address, destination.address));
        if (suspicious && isRelevant(connection)) note(uses, connection);
      }
      return [...uses].flatMap(([key, use]) => problemOf(key, use));
    },
};

function isRelevant({ stale, protocol }: Connection): boolean {
  return !stale && (protocol === TCP || protocol === UDP);
}

function note(uses: Map<string, Use>, connection: Connection): void {
  for (const { key, port } of portsOf(connection)) {
    const used = uses.get(key);
    if (used === undefined)
      uses.set(key, { example: connection, ports: new Set([port]), connections: new Set([connection.id]) });
    else {
      used.ports.add(port);
      used.connections.add(connection.id);
    }
  }
}

const NAT = 'nat ';

/** The source's port, and that of source NAT: each of them one of the ports that exist for a source and a target. */
function portsOf(connection: Connection): { readonly key: string; readonly port: number }[] {
  const { source, sourcePort, destination, destinationPort, snat, protocol } = connection;
  const found: { key: string; port: number }[] = [];
  if (sourcePort !== undefined)
    found.push({
      key: `${source.address} ${formatAddressPort(requestedAddress(connection))} ${protocol}`,
      port: sourcePort,
    });
  if (snat?.port !== undefined) {
    const target = formatAddressPort(addressPort(destination.address, destinationPort));
    found.push({ key: `${NAT}${snat.address} ${target} ${protocol}`, port: snat.port });
  }
  return found;
}

function problemOf(key: string, { example, ports, connections }: Use): Problem[] {
  const isNat = key.startsWith(NAT);
  const source = isNat ? (example.snat?.address ?? '') : example.source.address;
  const share = ports.size / (isNat ? NAT_PORTS : CLIENT_PORTS);
  const density = ports.size >= MIN_DENSE_PORTS ? ports.size / spanOf(ports) : 0;
  if (share < WARNING_RATIO && density < DENSE_RATIO) return [];
  const who = isNat ? source : formatWorkload(example.source);
  const { destination, destinationPort } = example;
  const target = isNat ? formatAddressPort(addressPort(destination.address, destinationPort)) : formatTarget(example);
  return [
    {
      key: `ports ${key}`,
      severity: share >= CRITICAL_RATIO || density >= CRITICAL_DENSE_RATIO ? 3 : 2,
      title: isNat ? 'SNAT port exhaustion' : 'source port exhaustion',
      subject: `${who} → ${target}`,
      count: ports.size,
      unit: 'ports in use',
      explanation: `${formatCount(ports.size)} ports of ${source} are in use towards one destination, most that there are: when none is left, connections fail`,
      nextStep: nextStep('keep connections open and use them again; spread over more source or destination addresses'),
      matches: ({ id }) => connections.has(id),
    },
  ];
}

function spanOf(ports: ReadonlySet<number>): number {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const port of ports) {
    low = Math.min(low, port);
    high = Math.max(high, port);
  }
  return high - low + 1;
}
