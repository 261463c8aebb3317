import { version } from '../../version.ts';
import { thisMachine } from '../discover/advice.ts';
import type { Level } from '../doctor/check.ts';
import type { ClusterFacts, Facts, Place } from '../doctor/facts.ts';
import { type Diagnosed, diagnose } from '../doctor/registry.ts';
import { toSameCluster } from '../doctor/same-cluster.ts';
import { printableJson } from '../escape.ts';
import { usageError } from './failure.ts';
import { firstOf } from './first-of.ts';
import { gatherFrom } from './gather-from.ts';
import type { CommandIo } from './io.ts';
import { openSource } from './source.ts';
import { kubeOptions, type SourceOptions } from './source-options.ts';
import { cleanLine } from './words.ts';

export interface DoctorOptions {
  readonly source: SourceOptions;
  readonly output: 'table' | 'json';
}

/** `kflow doctor`: what may be wrong, and what to type next. Status 1 where something fails. */
export async function doctor(options: DoctorOptions, io: CommandIo, name: string): Promise<number> {
  if (options.source.recording !== undefined)
    throw usageError('--recording is not for doctor, which looks at what is now');
  const found = diagnose(await factsOf(options.source, io, name)).map((finding) => ({
    ...finding,
    ...(finding.next === undefined ? {} : { next: toSameCluster(finding.next, options.source) }),
  }));
  if (options.output === 'json') io.out(`${printableJson(found.map(json), 2)}\n`);
  else io.out(text(found));
  return found.some(({ level }) => level === 'failure') ? 1 : 0;
}

async function factsOf(source: SourceOptions, io: CommandIo, name: string): Promise<Facts> {
  const place: Place = source.local ? 'local' : source.endpoints === undefined ? 'cluster' : 'endpoints';
  const { namespace } = source;
  const known = {
    place,
    name,
    version: version(),
    machine: thisMachine(),
    ...(namespace === undefined ? {} : { namespace }),
  };
  if (place !== 'cluster') return { ...known, ...(await watched(source, io)) };
  const { loadKube } = await import('../kube/config.ts');
  const { KubeError } = await import('../kube/errors.ts');
  const { clusterFacts } = await import('../doctor/cluster-facts.ts');
  try {
    const options = kubeOptions(source);
    const kube = loadKube(options, io.env);
    const found = await watched(source, io);
    return { ...known, ...found, cluster: await clusterFacts(kube, options, found.agents, io.signal) };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const cluster: ClusterFacts = { unusable: error.message, missing: [] };
    return { ...known, agents: [], cluster };
  }
}

/** The agents once each has polled twice, so that the second message came at once, or has been given up. */
async function watched(source: SourceOptions, io: CommandIo): Promise<Pick<Facts, 'agents' | 'problem'>> {
  const opened = await openSource(source, io);
  try {
    const { snapshot } = await firstOf(gatherFrom(opened, { polls: 2, abouts: true }), io.signal);
    const { agents = [], problem } = snapshot ?? {};
    return { agents, ...(problem === undefined ? {} : { problem }) };
  } finally {
    await opened.close();
  }
}

/** The fields are part of kflow's contract. */
function json({ check, level, words, next }: Diagnosed) {
  return { check, status: level, message: words, next };
}

const LEVELS: readonly Level[] = ['ok', 'warning', 'failure'];

function text(found: readonly Diagnosed[]): string {
  const width = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length)) + 3;
  const levels = width(LEVELS);
  const checks = width(found.map(({ check }) => check));
  return found
    .map(({ check, level, words, next }) => {
      const line = `${level.padEnd(levels)}${check.padEnd(checks)}${cleanLine(words)}\n`;
      return next === undefined ? line : `${line}${' '.repeat(levels + checks)}→ ${cleanLine(next)}\n`;
    })
    .join('');
}
