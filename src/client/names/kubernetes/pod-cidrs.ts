import {
  ADDRESS_BYTES,
  type Cidr,
  cidrContains,
  formatAddress,
  parseAddress,
  parseCidr,
} from '../../../flow/address.ts';
import type { CleanText } from '../../format/sanitize.ts';

/** The nodes whose pods are in a block of addresses. */
interface Block {
  /** Node → number of pods. */
  readonly pods: Map<string, number>;
}

/**
 * The address ranges of pods. An address in them that no known pod has is not external: it may belong to a
 * pod that is not known yet. The API has the ranges (`podCIDRs`) only if the controller manager assigns them;
 * then the first address is the node's own, on the bridge to its pods (bridge, flannel, kubenet), unless the network plugin assigns
 * addresses itself. Otherwise ranges are inferred from the pods: /24 blocks, /64 for IPv6.
 */
export class PodCidrs {
  /** Changes when answers may have changed. */
  version = 0;
  readonly #blocks = new Map<string, Block>();
  readonly #cidrs = new Map<CleanText, { readonly cidr: Cidr; readonly hasBridge: boolean }[]>();
  readonly #bytes = new Uint8Array(ADDRESS_BYTES);

  addPod(address: string, node: CleanText): void {
    const key = this.#block(address);
    if (key === undefined) return;
    const block = this.#blocks.get(key) ?? { pods: new Map() };
    const pods = block.pods.get(node) ?? 0;
    if (pods === 0) this.version++;
    block.pods.set(node, pods + 1);
    this.#blocks.set(key, block);
  }

  removePod(address: string, node: CleanText): void {
    const key = this.#block(address);
    const block = key === undefined ? undefined : this.#blocks.get(key);
    if (key === undefined || block === undefined) return;
    const left = (block.pods.get(node) ?? 0) - 1;
    if (left > 0) {
      block.pods.set(node, left);
      return;
    }
    this.version++;
    block.pods.delete(node);
    if (block.pods.size === 0) this.#blocks.delete(key);
  }

  setNode(node: CleanText, podCidrs: readonly string[], hasBridge: boolean): void {
    const cidrs = podCidrs.flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr === undefined ? [] : [{ cidr, hasBridge }];
    });
    this.version++;
    if (cidrs.length > 0) this.#cidrs.set(node, cidrs);
    else this.#cidrs.delete(node);
  }

  removeNode(node: CleanText): void {
    this.version++;
    this.#cidrs.delete(node);
  }

  /** Undefined: not in a pod range. `node`: the node whose own address it is, in the range of its pods. */
  find(address: string): { readonly node?: CleanText } | undefined {
    const family = parseAddress(address, this.#bytes, 0);
    if (family === undefined) return undefined;
    for (const [node, cidrs] of this.#cidrs) {
      for (const { cidr, hasBridge } of cidrs) {
        if (cidr.family !== family || !cidrContains(cidr, this.#bytes, 0)) continue;
        return hasBridge && this.#isFirst(cidr, family) ? { node } : {};
      }
    }
    return this.#blocks.has(this.#block(address) ?? '') ? {} : undefined;
  }

  /** The first address (a bridge's), or the network's own (flannel's tunnel). */
  #isFirst(cidr: Cidr, family: 4 | 6): boolean {
    const last = family === 4 ? 3 : 15;
    for (let i = 0; i < last; i++) if (this.#bytes[i] !== cidr.bytes[i]) return false;
    return (this.#bytes[last] as number) - (cidr.bytes[last] as number) <= 1;
  }

  /** Its name: the address with the host part cleared. */
  #block(address: string): string | undefined {
    const bytes = new Uint8Array(ADDRESS_BYTES);
    const family = parseAddress(address, bytes, 0);
    if (family === undefined) return undefined;
    bytes.fill(0, family === 4 ? 3 : 8);
    return formatAddress(family, bytes, 0);
  }
}
