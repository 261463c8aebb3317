import type { AddressPort, Connection, Party } from '../model.ts';
import { end, endText, partyName } from '../table/party-text.ts';

/** What was asked for, before any NAT. */
export function askedOf({ service, destination, destinationPort }: Connection): AddressPort {
  return service ?? end(destination.address, destinationPort);
}

/** "shop/web:80", or the address where there is no name: what was asked for, in words. */
export function targetText(connection: Connection): string {
  const { service, destination, destinationPort } = connection;
  if (service?.name !== undefined)
    return `${[service.namespace, service.name].filter((part) => part !== undefined).join('/')}:${service.port}`;
  if (service !== undefined) return endText(service);
  const { name, address } = destination;
  if (name === undefined) return endText(end(address, destinationPort));
  const who = workloadText(destination);
  return destinationPort === undefined ? who : `${who}:${destinationPort}`;
}

/** "shop/cart" of a pod of the Deployment cart; else its own name, else the address. */
export function workloadText(party: Party): string {
  const { workload, namespace } = party;
  if (workload === undefined) return partyName(party);
  return namespace === undefined ? workload.name : `${namespace}/${workload.name}`;
}

/** "shop/cart", "shop/cart and 2 more". */
export function someOf(names: ReadonlySet<string>): string {
  const [first = ''] = names;
  return names.size <= 1 ? first : `${first} and ${names.size - 1} more`;
}
