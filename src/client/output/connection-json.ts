import { protocolName } from '../../flow/protocol.ts';
import { stateName } from '../../flow/state.ts';
import { type AddressPort, type Connection, type Endpoint, observedBy, observedFor } from '../model/connection.ts';
import { listZones } from '../model/zones.ts';

/**
 * One connection in JSON. Its fields are part of kflow's contract. Unknown values are absent, never 0 or "".
 * `now`: unix time in milliseconds.
 */
export function toConnectionJson(connection: Connection, now: number) {
  const { service, snat } = connection;
  const protocol = protocolName(connection.protocol);
  const observedSeconds = rounded(observedFor(connection, now));
  return {
    protocol,
    // For a protocol without a name.
    protocolNumber: protocol === 'unknown' ? connection.protocol : undefined,
    family: connection.family,
    state: stateName(connection.state) || undefined,
    replied: connection.replied,
    assured: connection.assured,
    offloaded: connection.offloaded,
    zones: listZones(connection),
    mark: connection.mark,
    source: endpointJson(connection.source, connection.sourcePort),
    destination: endpointJson(connection.destination, connection.destinationPort),
    icmp: connection.icmp,
    via: some({
      service: service && { namespace: service.namespace, name: service.name, ...addressPort(service) },
      snat: snat && addressPort(snat),
    }),
    bytesPerSecond: some({ sent: rounded(connection.sentRate), received: rounded(connection.receivedRate) }),
    bytes: some({ sent: connection.sentBytes, received: connection.receivedBytes }),
    packets: some({ sent: connection.sentPackets, received: connection.receivedPackets }),
    // Unknown if it began before an agent saw it.
    ageSeconds: connection.startedAt === undefined ? undefined : observedSeconds,
    observedSeconds,
    observedBy: observedBy(connection),
    // All agents that saw it are stale or lost: these numbers are old.
    stale: connection.stale || undefined,
    // A request that needs a reply and has none.
    unanswered: connection.unanswered,
    incomplete: connection.incomplete,
    disputed: connection.disputed,
  };
}

function endpointJson(of: Endpoint, port: number | undefined) {
  const { kind, address, namespace, name, node, workload, ended, candidates } = of;
  return { kind, address, port, namespace, name, node, workload, ended, candidates: candidates?.map(candidateJson) };
}

function candidateJson({ kind, namespace, name, node, workload, ended }: Endpoint) {
  return { kind, namespace, name, node, workload, ended };
}

function addressPort(of: AddressPort) {
  return { address: of.address, port: of.port };
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}

/** The object, unless all its values are unknown. JSON.stringify leaves out undefined values. */
function some<T extends object>(object: T): T | undefined {
  return Object.values(object).some((value) => value !== undefined) ? object : undefined;
}
