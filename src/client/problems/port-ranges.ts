/**
 * A smaller port range is found by its density: Linux uses every other port of its range first, and the rest only when those are used
 * up. So ports that are closer together show a range that is nearly used up.
 */
export const DENSE_RATIO = 0.75;
export const MIN_DENSE_PORTS = 100;

interface Span {
  count: number;
  low: number;
  high: number;
}

/** Connections from one address to one target, and the range of their source ports. */
export class PortRanges {
  readonly #spans = new Map<string, Map<string, Map<number, Span>>>();
  readonly #suspicious = new Map<string, Set<string>>();

  add(from: string, to: string, target: number, port: number | undefined): void {
    if (port === undefined) return;
    const targets = this.#spans.get(from) ?? new Map<string, Map<number, Span>>();
    if (targets.size === 0) this.#spans.set(from, targets);
    const spans = targets.get(to) ?? new Map<number, Span>();
    if (spans.size === 0) targets.set(to, spans);
    const span = spans.get(target);
    if (span === undefined) {
      spans.set(target, { count: 1, low: port, high: port });
      return;
    }
    span.count++;
    if (port < span.low) span.low = port;
    if (port > span.high) span.high = port;
  }

  /** Whether any may have this many ports in use, or a dense range. It is an upper bound, because several connections may share a port. */
  findSuspects(many: number): boolean {
    for (const [from, targets] of this.#spans)
      for (const [to, spans] of targets)
        for (const { count, low, high } of spans.values()) {
          const isDense = count >= MIN_DENSE_PORTS && count / (high - low + 1) >= DENSE_RATIO;
          if (!isDense && count < many) continue;
          const known = this.#suspicious.get(from);
          if (known === undefined) this.#suspicious.set(from, new Set([to]));
          else known.add(to);
        }
    return this.#suspicious.size > 0;
  }

  isSuspicious(from: string, to: string): boolean {
    return this.#suspicious.get(from)?.has(to) ?? false;
  }
}
