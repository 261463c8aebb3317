import { type Cidr, cidrContains } from './address.ts';
import {
  type FlowColumns,
  HAS_PORTS,
  ORIGINAL_DESTINATION,
  ORIGINAL_SOURCE,
  REPLY_DESTINATION,
  REPLY_SOURCE,
  ROW_ADDRESS_BYTES,
  ROW_PORTS,
} from './columns.ts';

/** Within a field any value matches, across fields all must; an empty field matches everything. */
export interface FlowFilter {
  readonly protocols: readonly number[];
  /** Of any of the four ends. */
  readonly ports: readonly number[];
  readonly cidrs: readonly Cidr[];
  readonly states: readonly number[];
  /** Bytes per second, both directions; 0: no bound. A flow whose rate is not known does not reach one. */
  readonly minRate: number;
}

export type RowMatch = (columns: FlowColumns, slot: number) => boolean;

const ENDS = [ORIGINAL_SOURCE, ORIGINAL_DESTINATION, REPLY_SOURCE, REPLY_DESTINATION];

/** A test of rows; undefined when the filter lets everything pass. */
export function compileFilter(filter: FlowFilter): RowMatch | undefined {
  const tests: RowMatch[] = [];
  if (filter.protocols.length > 0) {
    const wanted = flagged(256, filter.protocols);
    tests.push((columns, slot) => wanted[columns.protocol[slot] as number] === 1);
  }
  if (filter.states.length > 0) {
    const wanted = flagged(256, filter.states);
    tests.push((columns, slot) => wanted[columns.state[slot] as number] === 1);
  }
  if (filter.minRate > 0) tests.push((columns, slot) => columns.rate(slot) >= filter.minRate);
  if (filter.ports.length > 0) tests.push(portTest(filter.ports));
  if (filter.cidrs.length > 0) tests.push(addressTest(filter.cidrs));
  if (tests.length === 0) return undefined;
  return (columns, slot) => tests.every((test) => test(columns, slot));
}

function flagged(length: number, numbers: readonly number[]): Uint8Array {
  const flags = new Uint8Array(length);
  for (const number of numbers) flags[number] = 1;
  return flags;
}

function portTest(ports: readonly number[]): RowMatch {
  const wanted = flagged(0x1_0000, ports);
  return (columns, slot) => {
    if (((columns.flags[slot] as number) & HAS_PORTS) === 0) return false;
    for (let cell = slot * ROW_PORTS; cell < (slot + 1) * ROW_PORTS; cell++) {
      if (wanted[columns.ports[cell] as number] === 1) return true;
    }
    return false;
  };
}

function addressTest(cidrs: readonly Cidr[]): RowMatch {
  return (columns, slot) => {
    const family = columns.family[slot];
    const at = slot * ROW_ADDRESS_BYTES;
    return cidrs.some(
      (cidr) => cidr.family === family && ENDS.some((end) => cidrContains(cidr, columns.addresses, at + end)),
    );
  };
}
