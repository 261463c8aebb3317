import type { Observable } from 'rxjs';
import { resolveAgentNamespaces } from '../agents/agent-namespaces.ts';
import type { AgentTarget } from '../agents/discovery.ts';
import { isKubernetesName } from '../format/shell-command.ts';
import type { KubeOptions } from '../kubernetes/config.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Where the data comes from: the options that every command has which shows data. */

export interface SessionOptions {
  readonly local?: true;
  readonly endpoints?: readonly AgentTarget[];
  /** A file that \`kflow record\` made. */
  readonly recording?: string;
  /** Which moment of the recording: milliseconds from its start. */
  readonly at?: number;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Of the traffic, as the filter \`ns:\` takes them; for a command that is about the agents, theirs. */
  readonly namespace?: readonly string[];
  /** All traffic, whatever \`namespace\` says. */
  readonly allNamespaces?: true;
  /** Where the agents are. */
  readonly agentNamespace?: readonly string[];
  /** Labels that agents must also have. */
  readonly agentSelector?: string;
  /** Names outside addresses by reverse DNS. */
  readonly resolve?: true;
  /** Milliseconds; 0: no limit. */
  readonly requestTimeout?: number;
}

/** Those of `-n`. Undefined: all. */

export function trafficNamespaces({ namespace, allNamespaces }: SessionOptions): readonly string[] | undefined {
  return allNamespaces === true ? undefined : namespace;
}

/** The only namespace of interest, if it is one: `--namespace` of traffic takes patterns too. */

export function onlyNamespace({ namespace = [], allNamespaces }: SessionOptions): string | undefined {
  const [only, another] = namespace;
  return allNamespaces !== true && another === undefined && only !== undefined && isKubernetesName(only)
    ? only
    : undefined;
}

/** Those for the cluster, as the Kubernetes side calls them. `env`: absent where agents are not looked for. */

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

/** Where a command's data comes from, opened. */

export interface Session {
  /** Begins when it is first subscribed, ends when it no longer is. Never errors. */
  readonly snapshots$: Observable<Snapshot>;
  /** How long to wait for agents, in milliseconds; 0: for ever. */
  readonly timeoutMs: number;
  /** Of a recording: what there was at the moment that was asked for. \`snapshots$\` is then all from there on, and ends. */
  readonly first$: Observable<Snapshot> | undefined;
  /** Names outside addresses by reverse DNS, or no longer. Undefined: that cannot be done here. */
  readonly resolve: ((on: boolean) => void) | undefined;
  close(): Promise<void>;
}

/** What a session needs of the program. */
export interface SessionIo {
  /** How this program was called: "kflow", or "kubectl kflow". */
  readonly program: string;
  /** Messages. */
  readonly stderr: (text: string) => void;
  /** A message that the next one replaces; an empty one removes it. Absent where nobody sees it. */
  readonly progress?: (line: string) => void;
  /** Resolves when the output so far was written, or nobody reads it any more: to be awaited between large pieces. */
  readonly flushed: () => Promise<void>;
  /** Aborted on Ctrl-C, SIGTERM, a broken pipe and a full disk: clean up and return. */
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
}
