/**
 * `npm run fuzz -- [--minutes N] [--seed S] [TARGET…]`: random changes of inputs that are known, for everything that reads what
 * comes from outside. An input that ends the program, takes too long or too much memory is saved, made as short as it can be.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exit, memoryUsage, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { minimised, mutated, Random } from './mutate.ts';
import { TARGETS, type Target } from './targets.ts';

/** Of one input. A busy machine makes anything slow: so by the processor's time. */
const MAX_CPU_MS = 2_000;
const MAX_HEAP_BYTES = 512 * 1024 * 1024;
const FAILURES = 'test/fuzz/failures';

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
const chosen = positionals.map((name) => TARGETS.find((target) => target.name === name) ?? name);
const unknown = chosen.filter((target) => typeof target === 'string');
if (!(minutes > 0) || !Number.isInteger(seed) || unknown.length > 0) {
  stderr.write(`usage: npm run fuzz -- [--minutes N] [--seed S] [${TARGETS.map(({ name }) => name).join('|')} …]\n`);
  exit(2);
}
const targets = (chosen.length > 0 ? chosen : TARGETS) as readonly Target[];
const folder = mkdtempSync(join(tmpdir(), 'kflow-fuzz-'));
stdout.write(`seed ${seed}: the same inputs again with --seed ${seed}\n`);

/** Why the input is a failure; undefined: it is none. */
async function failureOf(target: Target, bytes: Buffer): Promise<string | undefined> {
  const began = process.cpuUsage();
  try {
    await target.run(bytes, folder);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const { user, system } = process.cpuUsage(began);
  if ((user + system) / 1000 > MAX_CPU_MS) return `it took ${Math.round((user + system) / 1000)} ms`;
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external > MAX_HEAP_BYTES ? `${Math.round((heapUsed + external) / 2 ** 20)} MiB in use` : undefined;
}

async function fuzz(target: Target, index: number, untilMs: number): Promise<boolean> {
  const random = new Random(seed + index);
  const inputs = [...target.corpus];
  for (let count = 0; ; count++) {
    const bytes = inputs[count] ?? mutated(random, target.corpus, target.maxBytes);
    const failure = await failureOf(target, bytes);
    if (failure !== undefined) {
      const isSame = async (one: Buffer) => (await failureOf(target, one))?.split('\n')[0] === failure.split('\n')[0];
      const least = await minimised(bytes, isSame);
      mkdirSync(FAILURES, { recursive: true });
      const path = join(FAILURES, `${target.name}-${seed}-${count}`);
      writeFileSync(path, least);
      stderr.write(
        `${target.name}: input ${count} fails; its shortest form (${least.length} bytes) is in ${path}:\n${failure}\n`,
      );
      return false;
    }
    if (count >= inputs.length && performance.now() >= untilMs) {
      stdout.write(`${target.name}: ${count + 1} inputs\n`);
      return true;
    }
  }
}

const began = performance.now();
let isWell = true;
for (const [index, target] of targets.entries()) {
  const untilMs = began + (minutes * 60_000 * (index + 1)) / targets.length;
  isWell = (await fuzz(target, TARGETS.indexOf(target), untilMs)) && isWell;
}
rmSync(folder, { recursive: true });
exit(isWell ? 0 : 1);
