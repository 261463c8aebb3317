import { setTimeout } from 'node:timers/promises';

/**
 * Looks again and again until `look` finds what is waited for, and gives that. Rejects after `deadlineMs`, with what the
 * last look threw.
 */
export async function until<T>(what: string, deadlineMs: number, look: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > end) throw new Error(`${what}: not within ${deadlineMs} ms`, { cause: error });
    }
    await setTimeout(20);
  }
}
