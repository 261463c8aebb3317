import { cpuTimeMs } from '../event-loop.ts';

/** CPU time that a read takes, without what else the process does while the read waits. */
export class CpuMeter {
  #totalMs = 0;
  #resumedAt = cpuTimeMs();

  get totalMs(): number {
    return this.#totalMs + cpuTimeMs() - this.#resumedAt;
  }

  /** Waits for something; what is done meanwhile is not counted. */
  async pauseFor(wait: Promise<void>): Promise<void> {
    this.#totalMs += cpuTimeMs() - this.#resumedAt;
    await wait;
    this.#resumedAt = cpuTimeMs();
  }
}
