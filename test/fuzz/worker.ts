/** The process that tries the inputs of one target: argv has the module of targets, the target's name and a folder for its files. */
import { memoryUsage } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Target } from './targets.ts';

/** Of one input. A busy machine makes anything slow: so by the processor's time. */
const MAX_CPU_MS = 2_000;
const MAX_USED_MIB = 512;

export interface Input {
  readonly bytes: Uint8Array;
  /** How long to wait for what it left behind. */
  readonly lateMs: number;
}

export interface Tried {
  /** Absent: it is well. */
  readonly failure?: string;
}

const [module = '', name, folder = ''] = process.argv.slice(2);
const { TARGETS } = (await import(pathToFileURL(module).href)) as { TARGETS: readonly Target[] };
const target = TARGETS.find((one) => one.name === name);
if (target === undefined) throw new Error(`there is no target ${name}`);

/** What nobody waits for fails, too: as that of the input that is tried, or that was tried last. */
let stray: string | undefined;
process.on('unhandledRejection', (error) => {
  stray ??= `unhandled rejection: ${textOf(error)}`;
});
process.on('uncaughtException', (error) => {
  stray ??= `uncaught exception: ${textOf(error)}`;
});

process.on('message', async ({ bytes, lateMs }: Input) => {
  const failure = await failureOf(target, Buffer.from(bytes), lateMs);
  process.send?.({ ...(failure === undefined ? {} : { failure }) } satisfies Tried);
});
process.on('disconnect', () => process.exit());
process.send?.({} satisfies Tried);

async function failureOf({ run }: Target, bytes: Buffer, lateMs: number): Promise<string | undefined> {
  const began = process.cpuUsage();
  try {
    await run(bytes, folder);
  } catch (error) {
    return textOf(error);
  }
  const { user, system } = process.cpuUsage(began);
  if ((user + system) / 1000 > MAX_CPU_MS) return `it takes more than ${MAX_CPU_MS} ms of CPU`;
  const { heapUsed, external } = memoryUsage();
  if ((heapUsed + external) / 2 ** 20 > MAX_USED_MIB) return `it takes more than ${MAX_USED_MIB} MiB`;
  // Rejections are reported after the microtasks.
  await new Promise(setImmediate);
  if (lateMs > 0) await delay(lateMs);
  const found = stray;
  stray = undefined;
  return found;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
