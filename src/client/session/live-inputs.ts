import { type AgentTarget, type Discovery, staticDiscovery } from '../agents/discovery.ts';
import { localHints, remoteHints } from '../agents/setup-hints.ts';
import { errorMessage } from '../format/error-message.ts';
import type { CleanText } from '../format/sanitize.ts';
import type { KubeOptions } from '../kubernetes/config.ts';
import type { AgentState } from '../model/agent.ts';
import { combineResolvers, type NameProvider } from '../names/combine-resolvers.ts';
import { localNames } from '../names/local-names.ts';
import type { NameResolver } from '../names/name-resolver.ts';
import { ReverseDns, withReverseDns } from '../names/reverse-dns.ts';
import { kubeOptions, type SessionIo, type SessionOptions } from './session.ts';
import { UserError, usageError } from './user-error.ts';

/** What differs between a cluster, this machine and a list of addresses. */
interface Inputs {
  readonly discovery: Discovery;
  /** In priority order: the first provider that knows an address wins. */
  readonly providers: readonly NameProvider[];
  readonly hints: (agents: readonly AgentState[]) => readonly CleanText[];
  readonly close: () => Promise<void>;
}

export interface LiveInputs extends Omit<Inputs, 'providers'> {
  /** Optional members of providers are filled in. */
  readonly names: Required<NameResolver>;
  /** Off until it is switched on. */
  readonly reverseDns: ReverseDns;
}

/** The only place where names are combined: reverse DNS comes last, for addresses that no provider knows. */
export async function openLiveInputs(
  options: SessionOptions,
  io: Pick<SessionIo, 'env' | 'program'>,
): Promise<LiveInputs> {
  const { providers, ...inputs } = await inputsOf(options, io);
  const reverseDns = new ReverseDns();
  return { ...inputs, reverseDns, names: withReverseDns(combineResolvers(providers), reverseDns) };
}

/** Loads only the code that is needed. */
async function inputsOf(
  options: SessionOptions,
  { env, program }: Pick<SessionIo, 'env' | 'program'>,
): Promise<Inputs> {
  if (options.endpoints !== undefined) return addressInputs(options.endpoints);
  return options.local ? localInputs(env) : clusterInputs({ ...kubeOptions(options, env), program });
}

async function localInputs(env: NodeJS.ProcessEnv): Promise<Inputs> {
  const { localAgent } = await import('../agents/local-agent.ts');
  const { parseConfig } = await import('../../agent/config.ts');
  // The socket is private, so the environment must not choose the address.
  const parsed = parseConfig([], { ...env, KFLOW_LISTEN: undefined, KFLOW_METRICS_LISTEN: undefined });
  if (parsed.kind !== 'config') throw usageError(parsed.kind === 'invalid' ? parsed.reason : parsed.kind);
  const agent = asUserError(() => localAgent(parsed.config));
  return { discovery: agent.discovery, providers: [localNames()], hints: localHints, close: () => agent.close() };
}

/** Without a folder for its socket there is no agent; the user can change that. */
function asUserError<T>(start: () => T): T {
  try {
    return start();
  } catch (error) {
    throw new UserError(errorMessage(error));
  }
}

function addressInputs(targets: readonly AgentTarget[]): Inputs {
  return {
    discovery: staticDiscovery(targets),
    providers: [],
    hints: remoteHints,
    close: () => Promise.resolve(),
  };
}

async function clusterInputs(options: KubeOptions): Promise<Inputs> {
  const { openClusterInputs } = await import('./cluster-inputs.ts');
  const { KubeError } = await import('../kubernetes/errors.ts');
  try {
    const inputs = await openClusterInputs(options);
    return { ...inputs, hints: remoteHints, close: () => Promise.resolve() };
  } catch (error) {
    if (error instanceof KubeError) throw new UserError(error.message);
    throw error;
  }
}
