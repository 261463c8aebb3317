import type { Observable } from 'rxjs';
import { resolveAgentNamespaces } from '../agents/agent-namespaces.ts';
import type { AgentTarget } from '../agents/discovery.ts';
import { isKubernetesName } from '../format/shell-command.ts';
import type { KubeOptions } from '../kubernetes/config.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** The options of every command that shows data. */

export interface SessionOptions {
  readonly local?: true;
  readonly endpoints?: readonly AgentTarget[];
  /** A file that \`kflow record\` made. */
  readonly recording?: string;
  /** A position in the recording: milliseconds from its start. */
  readonly at?: number;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Of the traffic, as the filter \`ns:\` takes them; for commands about agents, the agents' namespace. */
  readonly namespace?: readonly string[];
  /** All traffic; overrides \`namespace\`. */
  readonly allNamespaces?: true;
  /** The agents' namespaces. */
  readonly agentNamespace?: readonly string[];
  /** Labels that agents must also have. */
  readonly agentSelector?: string;
  /** Resolve external addresses by reverse DNS. */
  readonly resolve?: true;
  /** Milliseconds; 0: no limit. */
  readonly requestTimeout?: number;
}

/** Those of `-n`. Undefined: all. */

export function trafficNamespaces({ namespace, allNamespaces }: SessionOptions): readonly string[] | undefined {
  return allNamespaces === true ? undefined : namespace;
}

/** The namespace, if it is only one: `--namespace` of traffic also accepts patterns. */

export function onlyNamespace({ namespace = [], allNamespaces }: SessionOptions): string | undefined {
  const [only, another] = namespace;
  return allNamespaces !== true && another === undefined && only !== undefined && isKubernetesName(only)
    ? only
    : undefined;
}

/** The options for the cluster. `env`: absent if agents are not searched. */

export function kubeOptions(options: SessionOptions, env?: NodeJS.ProcessEnv): KubeOptions {
  const { kubeconfig, context, agentNamespace, agentSelector, requestTimeout } = options;
  const namespace = onlyNamespace(options);
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(env === undefined ? {} : { agentNamespaces: resolveAgentNamespaces(agentNamespace, env) }),
    ...(agentSelector === undefined ? {} : { agentSelector }),
    ...(requestTimeout === undefined ? {} : { requestTimeoutMs: requestTimeout }),
  };
}

/** An open source of data for a command. */

export interface Session {
  /** Starts at the first subscription, ends with the last. Never errors. */
  readonly snapshots$: Observable<Snapshot>;
  /** How long to wait for agents, in milliseconds; 0: no limit. */
  readonly timeoutMs: number;
  /** For a recording: the snapshot at the requested position. \`snapshots$\` then has all later ones, and completes. */
  readonly first$: Observable<Snapshot> | undefined;
  /** Switches reverse DNS for external addresses. Undefined: it is not available here. */
  readonly resolve: ((on: boolean) => void) | undefined;
  close(): Promise<void>;
}

/** A session's access to the process. */
export interface SessionIo {
  /** The name of this program: "kflow", or "kubectl kflow". */
  readonly program: string;
  /** Messages. */
  readonly stderr: (text: string) => void;
  /** A message that the next one replaces; an empty one removes it. Absent: there is no terminal. */
  readonly progress?: (line: string) => void;
  /** Resolves when the output so far is written, or nobody reads it any more. Await it between large pieces. */
  readonly flushed: () => Promise<void>;
  /** Aborted on Ctrl-C, SIGTERM, a broken pipe and a full disk: clean up and return. */
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
}
