import { cpuTimeMs } from '../event-loop.ts';

/** Measures the CPU time of a read, without other work of the process while the read waits. */
export class CpuMeter {
  #totalMs = 0;
  #resumedAt = cpuTimeMs();

  get totalMs(): number {
    return this.#totalMs + cpuTimeMs() - this.#resumedAt;
  }

  /** Waits for a promise without counting the CPU time until it settles. */
  async pauseFor(wait: Promise<void>): Promise<void> {
    this.#totalMs += cpuTimeMs() - this.#resumedAt;
    await wait;
    this.#resumedAt = cpuTimeMs();
  }
}
