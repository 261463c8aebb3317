import fc from 'fast-check';
import type { Flow } from '../../../../src/flow/flow.ts';
import { TCP, UDP } from '../../../../src/flow/protocol.ts';
import { counted, flow } from './builders.ts';

export const NODES = ['n0', 'n1', 'n2', 'n3'];

/** What NAT did on the way, and which nodes saw it. */
export const wayArbitrary = fc.record({
  dnat: fc.boolean(),
  snat: fc.boolean(),
  /** The node of each hop: translation is done by the first. Distinct neighbours. */
  nodes: fc.uniqueArray(fc.constantFrom(...NODES), { minLength: 1, maxLength: 3 }),
  /** The second hop translates again. */
  again: fc.boolean(),
  udp: fc.boolean(),
  ipv6: fc.boolean(),
  bytes: fc.integer({ min: 1, max: 1_000_000 }),
});

export type Way = typeof wayArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** Ends that no other connection has, so that what is to be found is beyond doubt. */
export function flowsOf(path: Way, index: number, firstId: number): { node: string; flow: Flow }[] {
  const address = (net: number) =>
    path.ipv6 ? `[fd00:${net}::${(index + 1).toString(16)}]` : `10.${net}.0.${index + 1}`;
  const client = `${address(1)}:${10_000 + index}`;
  let pair: readonly [string, string] = [client, `${address(2)}:80`];
  return path.nodes.map((node, hop) => {
    const translates = hop === 0 || (hop === 1 && path.again);
    const leaving = translates
      ? ([
          path.snat ? `${address(3 + hop)}:${20_000 + index}` : pair[0],
          path.dnat ? `${address(5 + hop)}:8080` : pair[1],
        ] as const)
      : pair;
    const seen = flow(`${pair[0]} > ${pair[1]}`, `${leaving[1]} > ${leaving[0]}`, {
      id: firstId + hop,
      protocol: path.udp ? UDP : TCP,
      stats: counted(path.bytes + hop, path.bytes * 2 + hop),
    });
    pair = leaving;
    return { node, flow: seen };
  });
}
