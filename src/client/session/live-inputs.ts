import { NEVER } from 'rxjs';
import { type AgentTarget, type Discovery, fixedDiscovery } from '../agents/discovery.ts';
import { adviseLocal, adviseRemote } from '../agents/setup-hints.ts';
import { thrownWords } from '../format/error-message.ts';
import type { CleanText } from '../format/sanitize.ts';
import type { AgentState } from '../model/agent.ts';
import { composeNames, type NamesSource } from '../names/combine-resolvers.ts';
import { localNames } from '../names/local-names.ts';
import type { Names } from '../names/name-resolver.ts';
import { ReverseDns, withReverseDns } from '../names/reverse-dns.ts';
import { kubeOptions, type SourceOptions } from './session.ts';
import { Failure, usageError } from './user-error.ts';

/** What sets the cluster, this machine and a list of endpoints apart. */
export interface Place {
  readonly discovery: Discovery;
  /** Composed: with every member that a source of names may have. */
  readonly names: Required<Names>;
  /** Off until it is switched on. */
  readonly reverseDns: ReverseDns;
  readonly advise: (agents: readonly AgentState[]) => readonly CleanText[];
  readonly close: () => Promise<void>;
}

/** Each place is loaded only when it is asked for. */
export async function openPlace(options: SourceOptions, env: NodeJS.ProcessEnv): Promise<Place> {
  if (options.endpoints !== undefined) return endpoints(options.endpoints);
  return options.local ? local(env) : cluster(options, env);
}

async function local(env: NodeJS.ProcessEnv): Promise<Place> {
  const { localAgent } = await import('../agents/local-agent.ts');
  const { parseConfig } = await import('../../agent/config.ts');
  // Where it listens is not for the environment to say: the socket is private.
  const parsed = parseConfig([], { ...env, KFLOW_LISTEN: undefined, KFLOW_METRICS_LISTEN: undefined });
  if (parsed.kind !== 'config') throw usageError(parsed.kind === 'bad' ? parsed.reason : parsed.kind);
  const agent = startable(() => localAgent(parsed.config));
  const reverseDns = new ReverseDns();
  const names = withReverseDns(composeNames([localNames()]), reverseDns);
  return { discovery: agent.discovery, names, reverseDns, advise: adviseLocal, close: () => agent.close() };
}

/** Without a folder for its socket there is no agent: that is for the user to change. */
function startable<T>(start: () => T): T {
  try {
    return start();
  } catch (error) {
    throw new Failure(thrownWords(error));
  }
}

/** Knows no address. */
const NO_NAMES: NamesSource = { party: () => undefined, service: () => undefined, changed$: NEVER, notices: [] };

function endpoints(targets: readonly AgentTarget[]): Place {
  const reverseDns = new ReverseDns();
  const names = composeNames([withReverseDns(NO_NAMES, reverseDns)]);
  return {
    discovery: fixedDiscovery(targets),
    names,
    reverseDns,
    advise: adviseRemote,
    close: () => Promise.resolve(),
  };
}

async function cluster(options: SourceOptions, env: NodeJS.ProcessEnv): Promise<Place> {
  const { clusterSources } = await import('./cluster-inputs.ts');
  const { KubeError } = await import('../kubernetes/errors.ts');
  try {
    const { discovery, names, reverseDns } = await clusterSources(kubeOptions(options, env));
    const clean = composeNames([names]);
    return { discovery, names: clean, reverseDns, advise: adviseRemote, close: () => Promise.resolve() };
  } catch (error) {
    if (error instanceof KubeError) throw new Failure(error.message);
    throw error;
  }
}
