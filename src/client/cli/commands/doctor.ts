import { version } from '../../../version.ts';
import { DEFAULT_AGENT_NAMESPACE, resolveAgentNamespaces } from '../../agents/agent-namespaces.ts';
import { readLocalMachine } from '../../agents/setup-hints.ts';
import type { Level } from '../../doctor/check.ts';
import { type Diagnosis, diagnose } from '../../doctor/diagnose.ts';
import type { ClusterFacts, Facts, SessionMode } from '../../doctor/facts.ts';
import { sanitizeLine } from '../../format/notices.ts';
import { cleanSentence, cleanText, stringifyPrintable } from '../../format/sanitize.ts';
import { shellText } from '../../format/shell-command.ts';
import { withKubeFlags } from '../../kubernetes/same-cluster.ts';
import { openSession } from '../../session/open-session.ts';
import { kubeOptions, type SessionOptions } from '../../session/session.ts';
import { usageError } from '../../session/user-error.ts';
import { collectFrom, firstValue } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';

export interface DoctorOptions {
  readonly source: SessionOptions;
  readonly output: 'table' | 'json';
}

/** `kflow doctor`: what may be wrong, and what to type next. Exit status 1 if a check fails. */
export async function doctor(options: DoctorOptions, io: CommandIo): Promise<number> {
  if (options.source.recording !== undefined)
    throw usageError('--recording is not supported by doctor, which checks the present state');
  const source = checkAgents(options.source);
  const found = (await examine(source, io)).map((finding) => toPrinted(finding, source));
  if (options.output === 'json') io.stdout(`${stringifyPrintable(found, 2)}\n`);
  else io.stdout(formatFinding(found));
  return found.some(({ status }) => status === 'failure') ? 1 : 0;
}

/** For doctor, -n is the agents' namespace. */
function checkAgents({ namespace, ...source }: SessionOptions): SessionOptions {
  return namespace === undefined ? source : { ...source, agentNamespace: namespace };
}

async function examine(source: SessionOptions, io: CommandIo): Promise<readonly Diagnosis[]> {
  const mode: SessionMode = source.local ? 'local' : source.endpoints === undefined ? 'cluster' : 'endpoints';
  const [searched] = resolveAgentNamespaces(source.agentNamespace, io.env);
  const namespace = searched === DEFAULT_AGENT_NAMESPACE ? undefined : searched;
  const known = {
    mode,
    name: io.program,
    self: [process.execPath, ...process.argv.slice(1, 2)],
    version: version(),
    machine: readLocalMachine(),
    ...(namespace === undefined ? {} : { namespace: cleanText(namespace) }),
  };
  if (mode !== 'cluster') return diagnose({ ...known, ...(await collectAgents(source, io)) });
  const { loadKubeClient } = await import('../../kubernetes/config.ts');
  const { KubeError } = await import('../../kubernetes/errors.ts');
  const { collectClusterFacts } = await import('../../doctor/cluster-facts.ts');
  const { markForbidden } = await import('../../doctor/forbidden-commands.ts');
  try {
    const options = kubeOptions(source, io.env);
    const kube = loadKubeClient(options, io.env);
    const found = await collectAgents(source, io);
    const cluster = await collectClusterFacts(kube, options, found.agents, io.signal);
    const diagnoses = diagnose({ ...known, ...found, cluster });
    return cluster.serverVersion === undefined ? diagnoses : markForbidden(kube, diagnoses, io.signal);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const cluster: ClusterFacts = { unusable: cleanSentence(error.message), missing: [] };
    return diagnose({ ...known, agents: [], cluster });
  }
}

/**
 * The agents once each has polled twice and has then sent its information again: connections that began
 * between two polls show the kernel's current settings.
 */
async function collectAgents(
  source: SessionOptions,
  io: CommandIo,
): Promise<Pick<Facts, 'agents' | 'discoveryError' | 'agentNotices'>> {
  const opened = await openSession(source, io);
  try {
    const { snapshot } = await firstValue(collectFrom(opened, { polls: 2, infos: 'fresh' }), io.signal);
    const { agents = [], discoveryError, agentNotices } = snapshot ?? {};
    return {
      agents,
      ...(discoveryError === undefined ? {} : { discoveryError }),
      ...(agentNotices === undefined ? {} : { agentNotices }),
    };
  } finally {
    await opened.close();
  }
}

/** The fields are part of kflow's contract. */
interface PrintedFinding {
  readonly check: string;
  readonly status: Level;
  readonly message: string;
  readonly next?: string;
  readonly nextWhere?: string;
}

function toPrinted({ check, level, message, command }: Diagnosis, source: SessionOptions): PrintedFinding {
  if (command === undefined) return { check, status: level, message: message };
  const commands = command.commands.map((command) => withKubeFlags(command, kubeOptions(source)));
  return {
    check,
    status: level,
    message: message,
    next: shellText(commands, command.nodes),
    ...(command.where === undefined ? {} : { nextWhere: command.where }),
  };
}

const LEVELS: readonly Level[] = ['ok', 'warning', 'failure'];

function formatFinding(found: readonly PrintedFinding[]): string {
  const width = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length)) + 3;
  const levels = width(LEVELS);
  const checks = width(found.map(({ check }) => check));
  return found
    .map(({ check, status, message, next, nextWhere }) => {
      const line = `${status.padEnd(levels)}${check.padEnd(checks)}${sanitizeLine(message)}\n`;
      if (next === undefined) return line;
      const where = nextWhere === undefined ? '' : `${sanitizeLine(nextWhere)}: `;
      return `${line}${' '.repeat(levels + checks)}→ ${where}${sanitizeLine(next)}\n`;
    })
    .join('');
}
