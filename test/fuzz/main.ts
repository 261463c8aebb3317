/**
 * `npm run fuzz -- [--minutes N] [--seed S] [TARGET…]`: random changes of inputs that are known, and inputs that are made as the format
 * has it, for everything that reads what comes from outside. An input that throws, loops, or takes too much time or memory is saved, as
 * short as it can be made. Each target has a process of its own.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exit, stderr, stdout } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { minimised, mutated, Random } from './mutate.ts';
import { Runner } from './runner.ts';
import type { Target } from './targets.ts';

/** Of one input, by the clock: far above what the processor's time may be. */
const LIMIT_MS = 20_000;
/** Of an input that is tried to be a shorter one. */
const SHORTER_LIMIT_MS = 4_000;
const SHORTER_TOTAL_MS = 30_000;
/** Of the inputs before one that fails, which may have caused it: what they left behind failed later. */
const KEPT_INPUTS = 20;
/** How much later. */
const LATE_MS = 100;

const { values, positionals } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    /** For tests: other targets, other folders, less patience. */
    targets: { type: 'string', default: fileURLToPath(new URL('targets.ts', import.meta.url)) },
    failures: { type: 'string', default: 'test/fuzz/failures' },
    limit: { type: 'string', default: String(LIMIT_MS) },
  },
  allowPositionals: true,
});
const module = resolve(values.targets);
const { TARGETS } = (await import(pathToFileURL(module).href)) as { TARGETS: readonly Target[] };
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
const limitMs = Number(values.limit);
const chosen = positionals.map((name) => TARGETS.find((target) => target.name === name) ?? name);
const unknown = chosen.filter((target) => typeof target === 'string');
if (!(minutes > 0) || !Number.isInteger(seed) || !(limitMs > 0) || unknown.length > 0) {
  stderr.write(`usage: npm run fuzz -- [--minutes N] [--seed S] [${TARGETS.map(({ name }) => name).join('|')} …]\n`);
  exit(2);
}

const targets = (chosen.length > 0 ? chosen : TARGETS) as readonly Target[];
const folder = mkdtempSync(join(tmpdir(), 'kflow-fuzz-'));
/** The process that tries inputs now. One that loops hears of no end. */
let trying: Runner | undefined;
const leave = () => rmSync(folder, { recursive: true, force: true });
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => {
    trying?.close();
    leave();
    exit(status);
  });
stdout.write(`seed ${seed}: the same inputs again with --seed ${seed}\n`);

async function fuzz(target: Target, index: number, untilMs: number): Promise<boolean> {
  const random = new Random(seed + index);
  const runner = new Runner(module, target.name, folder);
  trying = runner;
  const tried: Tried[] = [];
  try {
    for (let count = 0; ; count++) {
      const bytes = target.corpus[count] ?? inputOf(target, random);
      tried.unshift({ count, bytes });
      tried.length = Math.min(tried.length, KEPT_INPUTS);
      const failure = await runner.failureOf(bytes, limitMs);
      if (failure !== undefined) {
        await report(target, runner, await cause(runner, tried, failure), failure);
        return false;
      }
      if (count >= target.corpus.length && performance.now() >= untilMs) {
        stdout.write(`${target.name}: ${count + 1} inputs\n`);
        return true;
      }
    }
  } finally {
    runner.close();
  }
}

/** Made as the format has it, or one of these or of the corpus with some changes. */
function inputOf({ corpus, generate, maxBytes }: Target, random: Random): Buffer {
  const made = generate !== undefined && random.below(2) === 0 ? generate(random) : undefined;
  if (made !== undefined && random.below(2) === 0) return made.subarray(0, maxBytes);
  return mutated(random, made === undefined ? corpus : [made], maxBytes);
}

interface Tried {
  readonly count: number;
  readonly bytes: Buffer;
}

/** The newest of these inputs that fails so by itself, in a new process; the last one where none does. */
async function cause(runner: Runner, tried: readonly Tried[], failure: string): Promise<Tried> {
  const [last] = tried;
  if (last === undefined) throw new Error('no input was tried');
  for (const one of tried) {
    runner.close();
    if (kindOf(await runner.failureOf(one.bytes, limitMs, LATE_MS)) === kindOf(failure)) return one;
  }
  return last;
}

function kindOf(failure: string | undefined): string | undefined {
  return failure?.split('\n')[0]?.replace(/in [\d.]+ s$/, 'in time');
}

/** Saves the input at once, and then a shorter one in its place. */
async function report(target: Target, runner: Runner, { count, bytes }: Tried, failure: string): Promise<void> {
  mkdirSync(values.failures, { recursive: true });
  const path = join(values.failures, `${target.name}-${seed}-${count}`);
  writeFileSync(path, bytes);
  const limit = Math.min(limitMs, SHORTER_LIMIT_MS);
  const isSame = async (one: Buffer) => kindOf(await runner.failureOf(one, limit, LATE_MS)) === kindOf(failure);
  const least = await minimised(bytes, isSame, Math.min(SHORTER_TOTAL_MS, 4 * limitMs));
  writeFileSync(path, least);
  stderr.write(
    `${target.name}: input ${count} fails; its shortest form (${least.length} bytes) is in ${path}:\n${failure}\n`,
  );
}

const began = performance.now();
let isWell = true;
for (const [index, target] of targets.entries()) {
  const untilMs = began + (minutes * 60_000 * (index + 1)) / targets.length;
  isWell = (await fuzz(target, TARGETS.indexOf(target), untilMs)) && isWell;
}
leave();
exit(isWell ? 0 : 1);
