import { ADDRESS_BYTES, cidrContains, parseAddress, parseCidr } from '../../flow/address.ts';
import { portsByName } from '../format/ports.ts';
import type { AddressPort, Endpoint } from '../model/connection.ts';
import type { FilterField } from './field.ts';
import { anyOf, compilePattern, endpointPredicate, namespacedNamePattern } from './pattern.ts';

/** How many results are cached; few screens have more addresses. */
const MAX_CACHED_ADDRESSES = 65_536;

export const ip: FilterField = {
  names: ['ip', 'address', 'cidr'],
  sides: ['from', 'to'],
  help: 'an address of either end, before or after NAT',
  accepts: 'an address, or a block of them as 10.0.0.0/8',
  example: 'to.ip:10.96.0.0/12',
  parse({ text }, side) {
    const cidr = parseCidr(text);
    if (cidr === undefined) return undefined;
    const bytes = new Uint8Array(ADDRESS_BYTES);
    const known = new Map<string, boolean>();
    const contains = (address: string): boolean => {
      let answer = known.get(address);
      if (answer === undefined) {
        answer = parseAddress(address, bytes, 0) === cidr.family && cidrContains(cidr, bytes, 0);
        if (known.size >= MAX_CACHED_ADDRESSES) known.clear();
        known.set(address, answer);
      }
      return answer;
    };
    const holds = (end: AddressPort | undefined) => end !== undefined && contains(end.address);
    return (connection) =>
      (side !== 'to' && (contains(connection.source.address) || holds(connection.snat))) ||
      (side !== 'from' && (contains(connection.destination.address) || holds(connection.service)));
  },
};

const KINDS = ['pod', 'node', 'service', 'external', 'unknown'];

export const kind: FilterField = {
  names: ['kind'],
  sides: ['from', 'to'],
  help: 'what an end is; a service where no backend is known',
  accepts: 'pod, node, service, external or unknown',
  example: 'to.kind:external',
  parse({ text }, side) {
    const wanted = text.toLowerCase();
    if (!KINDS.includes(wanted)) return undefined;
    return endpointPredicate((endpoint) => (endpoint.kind ?? 'unknown') === wanted, side);
  },
};

export const name: FilterField = {
  names: ['name'],
  sides: ['from', 'to'],
  help: 'any name: of a pod, node, workload or service, or in the DNS',
  accepts: 'a part of a name, or all of it with * for any text',
  example: 'name:example.com',
  parse(value, side) {
    const fits = compilePattern(value, 'contains');
    const endpoints = endpointPredicate((endpoint) => fits(endpoint.name) || fits(endpoint.workload?.name), side);
    return side === 'from' ? endpoints : anyOf(endpoints, ({ service }) => fits(service?.name));
  },
};

export const namespace: FilterField = {
  names: ['ns', 'namespace'],
  sides: ['from', 'to'],
  help: 'the namespace of a pod or of the requested service',
  accepts: 'a namespace, with * for any text',
  example: 'ns:shop',
  parse(value, side) {
    const fits = compilePattern(value, 'same');
    const endpoints = endpointPredicate((endpoint) => fits(endpoint.namespace), side);
    return side === 'from' ? endpoints : anyOf(endpoints, ({ service }) => fits(service?.namespace));
  },
};

export const node: FilterField = {
  names: ['node'],
  sides: ['from', 'to'],
  help: 'the node that an end is or runs on; without from. or to. also one that saw the connection',
  accepts: 'a node, with * for any text',
  example: 'node:worker-7',
  parse(value, side) {
    const fits = compilePattern(value, 'same');
    // A node is often called by the first part of its name.
    const fitsNode = (name: string | undefined) => fits(name) || fits(name?.split('.')[0]);
    const endpoints = endpointPredicate(
      (endpoint: Endpoint) => fitsNode(endpoint.kind === 'node' ? endpoint.name : endpoint.node),
      side,
    );
    if (side !== 'either') return endpoints;
    return anyOf(endpoints, ({ hops }) => hops.some((hop) => fitsNode(hop.node)));
  },
};

export const pod: FilterField = {
  names: ['pod'],
  sides: ['from', 'to'],
  help: 'the name of a pod, or how it begins',
  accepts: 'a pod as name or namespace/name, with * for any text',
  example: 'from.pod:shop/cart',
  parse(value, side) {
    const fits = namespacedNamePattern(value, 'begins');
    return endpointPredicate((endpoint) => endpoint.kind === 'pod' && fits(endpoint.namespace, endpoint.name), side);
  },
};

export const port: FilterField = {
  names: ['port'],
  sides: ['from', 'to'],
  help: 'a port of either end, before or after NAT',
  accepts: 'a port from 0 to 65535, a range as 8000-8100, or a name as https',
  example: 'to.port:443',
  parse({ text }, side) {
    const wanted = portTest(text);
    if (wanted === undefined) return undefined;
    const fits = (number: number | undefined) => number !== undefined && wanted(number);
    return (connection) =>
      (side !== 'to' && (fits(connection.sourcePort) || fits(connection.snat?.port))) ||
      (side !== 'from' && (fits(connection.destinationPort) || fits(connection.service?.port)));
  },
};

function portTest(text: string): ((port: number) => boolean) | undefined {
  const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (range) {
    const low = Number(range[1]);
    const high = Number(range[2] ?? range[1]);
    if (high > 65_535 || low > high) return undefined;
    return (number) => number >= low && number <= high;
  }
  const named = portsByName(text.toLowerCase());
  return named.length === 0 ? undefined : (number) => named.includes(number);
}

export const service: FilterField = {
  names: ['service', 'svc'],
  sides: ['to'],
  missingSideHint:
    'a service is only a destination: to.service; for the traffic of its pods, from.workload or from.pod',
  help: 'the requested service, whether or not a backend answered',
  accepts: 'a service as name or namespace/name, with * for any text',
  example: 'svc:shop/web',
  parse(value) {
    const fits = namespacedNamePattern(value, 'same');
    return anyOf(
      ({ service: asked }) => asked !== undefined && fits(asked.namespace, asked.name),
      endpointPredicate((endpoint) => endpoint.kind === 'service' && fits(endpoint.namespace, endpoint.name), 'to'),
    );
  },
};

export const workload: FilterField = {
  names: ['workload'],
  sides: ['from', 'to'],
  help: 'the Deployment, StatefulSet, DaemonSet or Job of a pod',
  accepts: 'a workload as name, kind/name or namespace/name, with * for any text',
  example: 'workload:deployment/cart',
  parse(value, side) {
    const slash = value.text.indexOf('/');
    const fits = compilePattern({ ...value, text: value.text.slice(slash + 1) }, 'same');
    const fitsScope = slash < 0 ? () => true : compilePattern({ ...value, text: value.text.slice(0, slash) }, 'same');
    return endpointPredicate(
      (endpoint) =>
        fits(endpoint.workload?.name) && (fitsScope(endpoint.workload?.kind) || fitsScope(endpoint.namespace)),
      side,
    );
  },
};
