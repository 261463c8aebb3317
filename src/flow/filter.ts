import { ADDRESS_BYTES, type Cidr, cidrContains, readIpv4 } from './address.ts';
import { ROW_ADDRESSES } from './address-column.ts';
import { type FlowColumns, HAS_PORTS, ROW_PORTS } from './columns.ts';

/** Within a field, one matching value is enough; all fields must match. An empty field matches everything. */
export interface FlowFilter {
  readonly protocols: readonly number[];
  /** Any of the four ports of a flow. */
  readonly ports: readonly number[];
  readonly cidrs: readonly Cidr[];
  readonly states: readonly number[];
  /** Bytes per second, both directions; 0: no bound. A flow with an unknown rate does not match a bound. */
  readonly minRate: number;
}

export type RowPredicate = (columns: FlowColumns, slot: number) => boolean;

/** Compiles a filter into a test of rows. Returns undefined if the filter matches everything. */
export function compileFilter(filter: FlowFilter): RowPredicate | undefined {
  const tests: RowPredicate[] = [];
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

function portTest(ports: readonly number[]): RowPredicate {
  const wanted = flagged(0x1_0000, ports);
  return (columns, slot) => {
    if (((columns.flags[slot] as number) & HAS_PORTS) === 0) return false;
    for (let cell = slot * ROW_PORTS; cell < (slot + 1) * ROW_PORTS; cell++) {
      if (wanted[columns.ports[cell] as number] === 1) return true;
    }
    return false;
  };
}

function addressTest(cidrs: readonly Cidr[]): RowPredicate {
  const ipv4 = ipv4Test(cidrs.filter(({ family }) => family === 4));
  const ipv6 = cidrs.filter(({ family }) => family === 6);
  return ({ family, addresses: { cells, ipv6: bytes } }, slot) => {
    const first = slot * ROW_ADDRESSES;
    for (let cell = first; cell < first + ROW_ADDRESSES; cell++) {
      const address = cells[cell] as number;
      if (family[slot] === 4 ? ipv4(address) : ipv6.some((cidr) => cidrContains(cidr, bytes, address * ADDRESS_BYTES)))
        return true;
    }
    return false;
  };
}

/** An address takes one lookup per distinct prefix length, however many blocks there are. */
function ipv4Test(cidrs: readonly Cidr[]): (address: number) => boolean {
  const groups = [...new Set(cidrs.map(({ bits }) => bits))].map((bits) => {
    const mask = bits === 0 ? 0 : -1 << (32 - bits);
    const same = cidrs.filter((cidr) => cidr.bits === bits);
    return { mask, prefixes: new Set(same.map(({ bytes }) => readIpv4(bytes, 0) & mask)) };
  });
  return (address) => groups.some(({ mask, prefixes }) => prefixes.has(address & mask));
}
