import { NEVER } from 'rxjs';
import { type AgentTarget, type Discovery, staticDiscovery } from '../agents/discovery.ts';
import { localHints, remoteHints } from '../agents/setup-hints.ts';
import { errorMessage } from '../format/error-message.ts';
import type { CleanText } from '../format/sanitize.ts';
import type { AgentState } from '../model/agent.ts';
import { combineResolvers, type NameProvider } from '../names/combine-resolvers.ts';
import { localNames } from '../names/local-names.ts';
import type { NameResolver } from '../names/name-resolver.ts';
import { ReverseDns, withReverseDns } from '../names/reverse-dns.ts';
import { kubeOptions, type SessionOptions } from './session.ts';
import { UserError, usageError } from './user-error.ts';

/** What sets the cluster, this machine and a list of endpoints apart. */
export interface LiveInputs {
  readonly discovery: Discovery;
  /** Composed: with every member that a source of names may have. */
  readonly names: Required<NameResolver>;
  /** Off until it is switched on. */
  readonly reverseDns: ReverseDns;
  readonly hints: (agents: readonly AgentState[]) => readonly CleanText[];
  readonly close: () => Promise<void>;
}

/** Each place is loaded only when it is asked for. */
export async function openLiveInputs(options: SessionOptions, env: NodeJS.ProcessEnv): Promise<LiveInputs> {
  if (options.endpoints !== undefined) return addressInputs(options.endpoints);
  return options.local ? localInputs(env) : cluster(options, env);
}

async function localInputs(env: NodeJS.ProcessEnv): Promise<LiveInputs> {
  const { localAgent } = await import('../agents/local-agent.ts');
  const { parseConfig } = await import('../../agent/config.ts');
  // Where it listens is not for the environment to say: the socket is private.
  const parsed = parseConfig([], { ...env, KFLOW_LISTEN: undefined, KFLOW_METRICS_LISTEN: undefined });
  if (parsed.kind !== 'config') throw usageError(parsed.kind === 'bad' ? parsed.reason : parsed.kind);
  const agent = orUserError(() => localAgent(parsed.config));
  const reverseDns = new ReverseDns();
  const names = withReverseDns(combineResolvers([localNames()]), reverseDns);
  return { discovery: agent.discovery, names, reverseDns, hints: localHints, close: () => agent.close() };
}

/** Without a folder for its socket there is no agent: that is for the user to change. */
function orUserError<T>(start: () => T): T {
  try {
    return start();
  } catch (error) {
    throw new UserError(errorMessage(error));
  }
}

/** Knows no address. */
const NO_NAMES: NameProvider = { endpoint: () => undefined, service: () => undefined, changed$: NEVER, notices: [] };

function addressInputs(targets: readonly AgentTarget[]): LiveInputs {
  const reverseDns = new ReverseDns();
  const names = combineResolvers([withReverseDns(NO_NAMES, reverseDns)]);
  return {
    discovery: staticDiscovery(targets),
    names,
    reverseDns,
    hints: remoteHints,
    close: () => Promise.resolve(),
  };
}

async function cluster(options: SessionOptions, env: NodeJS.ProcessEnv): Promise<LiveInputs> {
  const { clusterInputs } = await import('./cluster-inputs.ts');
  const { KubeError } = await import('../kubernetes/errors.ts');
  try {
    const { discovery, names, reverseDns } = await clusterInputs(kubeOptions(options, env));
    const clean = combineResolvers([names]);
    return { discovery, names: clean, reverseDns, hints: remoteHints, close: () => Promise.resolve() };
  } catch (error) {
    if (error instanceof KubeError) throw new UserError(error.message);
    throw error;
  }
}
