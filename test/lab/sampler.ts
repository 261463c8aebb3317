import { readFileSync } from 'node:fs';

/** Bytes and packets of a connection, original then reply, at a moment of the wall clock in milliseconds. */
export interface Sample {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly counters: readonly number[];
}

/** Reads one entry's counters from the kernel's text again and again: what an agent's poll can be held against. */
export class Sampler {
  readonly samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;

  /** `port`: the original source port, as the kernel prints it; no other entry may have it. */
  constructor(table: string, port: number, everyMs = 20) {
    this.#timer = setInterval(() => {
      const beforeMs = wallMs();
      const line = readFileSync(table, 'latin1')
        .split('\n')
        .find((line) => line.match(/ sport=(\d+)/)?.[1] === `${port}`);
      const afterMs = wallMs();
      const counters = [...(line?.matchAll(/ (?:packets|bytes)=(\d+)/g) ?? [])].map(([, digits]) => Number(digits));
      if (counters.length === 4) this.samples.push({ beforeMs, afterMs, counters });
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The last sample taken before a moment, and the first one after another. */
  around(fromMs: number, toMs: number): [Sample, Sample] | undefined {
    const before = this.samples.findLast((sample) => sample.afterMs <= fromMs);
    const after = this.samples.find((sample) => sample.beforeMs >= toMs);
    return before && after && [before, after];
  }
}

function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
