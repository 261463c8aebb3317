import { version } from '../../../version.ts';
import { agentNamespaces, DEFAULT_AGENT_NAMESPACE } from '../../agents/agent-namespaces.ts';
import { thisMachine } from '../../agents/setup-hints.ts';
import type { Level } from '../../doctor/check.ts';
import { type Diagnosed, diagnose } from '../../doctor/diagnose.ts';
import type { ClusterFacts, Facts, Place } from '../../doctor/facts.ts';
import { cleanLine } from '../../format/notices.ts';
import { cleanSentence, cleanText, printableJson } from '../../format/sanitize.ts';
import { shellText } from '../../format/shell-command.ts';
import { toSameCluster } from '../../kubernetes/same-cluster.ts';
import { openSource } from '../../session/open-session.ts';
import { kubeOptions, type SourceOptions } from '../../session/session.ts';
import { usageError } from '../../session/user-error.ts';
import { firstOf, gatherFrom } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';

export interface DoctorOptions {
  readonly source: SourceOptions;
  readonly output: 'table' | 'json';
}

/** `kflow doctor`: what may be wrong, and what to type next. Status 1 where something fails. */
export async function doctor(options: DoctorOptions, io: CommandIo, name: string): Promise<number> {
  if (options.source.recording !== undefined)
    throw usageError('--recording is not for doctor, which looks at what is now');
  // A program that npx fetched is not on the PATH.
  const called = io.env.npm_lifecycle_event === 'npx' ? 'npx kflow' : name;
  const source = aboutAgents(options.source);
  const found = (await look(source, io, called)).map((finding) => told(finding, source));
  if (options.output === 'json') io.out(`${printableJson(found, 2)}\n`);
  else io.out(text(found));
  return found.some(({ status }) => status === 'failure') ? 1 : 0;
}

/** Here -n is where the agents are. */
function aboutAgents({ namespace, ...source }: SourceOptions): SourceOptions {
  return namespace === undefined ? source : { ...source, agentNamespace: namespace };
}

async function look(source: SourceOptions, io: CommandIo, name: string): Promise<readonly Diagnosed[]> {
  const place: Place = source.local ? 'local' : source.endpoints === undefined ? 'cluster' : 'endpoints';
  const [searched] = agentNamespaces(source.agentNamespace, io.env);
  const namespace = searched === DEFAULT_AGENT_NAMESPACE ? undefined : searched;
  const known = {
    place,
    name,
    self: [process.execPath, ...process.argv.slice(1, 2)],
    version: version(),
    machine: thisMachine(),
    ...(namespace === undefined ? {} : { namespace: cleanText(namespace) }),
  };
  if (place !== 'cluster') return diagnose({ ...known, ...(await watched(source, io)) });
  const { loadKube } = await import('../../kubernetes/config.ts');
  const { KubeError } = await import('../../kubernetes/errors.ts');
  const { clusterFacts } = await import('../../doctor/cluster-facts.ts');
  const { markForbidden } = await import('../../doctor/forbidden-commands.ts');
  try {
    const options = kubeOptions(source, io.env);
    const kube = loadKube(options, io.env);
    const found = await watched(source, io);
    const cluster = await clusterFacts(kube, options, found.agents, io.signal);
    const diagnosed = diagnose({ ...known, ...found, cluster });
    return cluster.serverVersion === undefined ? diagnosed : markForbidden(kube, diagnosed, io.signal);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const cluster: ClusterFacts = { unusable: cleanSentence(error.message), missing: [] };
    return diagnose({ ...known, agents: [], cluster });
  }
}

/**
 * The agents once each has polled twice, so that the second message came at once, and has told of itself after that: what began
 * between two polls tells how the kernel is set now.
 */
async function watched(
  source: SourceOptions,
  io: CommandIo,
): Promise<Pick<Facts, 'agents' | 'problem' | 'agentNotices'>> {
  const opened = await openSource(source, io);
  try {
    const { snapshot } = await firstOf(gatherFrom(opened, { polls: 2, abouts: 'fresh' }), io.signal);
    const { agents = [], problem, agentNotices } = snapshot ?? {};
    return {
      agents,
      ...(problem === undefined ? {} : { problem }),
      ...(agentNotices === undefined ? {} : { agentNotices }),
    };
  } finally {
    await opened.close();
  }
}

/** The fields are part of kflow's contract. */
interface Told {
  readonly check: string;
  readonly status: Level;
  readonly message: string;
  readonly next?: string;
  readonly nextWhere?: string;
}

function told({ check, level, words, next }: Diagnosed, source: SourceOptions): Told {
  if (next === undefined) return { check, status: level, message: words };
  const commands = next.commands.map((command) => toSameCluster(command, kubeOptions(source)));
  return {
    check,
    status: level,
    message: words,
    next: shellText(commands, next.nodes),
    ...(next.where === undefined ? {} : { nextWhere: next.where }),
  };
}

const LEVELS: readonly Level[] = ['ok', 'warning', 'failure'];

function text(found: readonly Told[]): string {
  const width = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length)) + 3;
  const levels = width(LEVELS);
  const checks = width(found.map(({ check }) => check));
  return found
    .map(({ check, status, message, next, nextWhere }) => {
      const line = `${status.padEnd(levels)}${check.padEnd(checks)}${cleanLine(message)}\n`;
      if (next === undefined) return line;
      const where = nextWhere === undefined ? '' : `${cleanLine(nextWhere)}: `;
      return `${line}${' '.repeat(levels + checks)}→ ${where}${cleanLine(next)}\n`;
    })
    .join('');
}
