import type { LocalMachine } from '../agents/setup-hints.ts';
import type { CleanText } from '../format/sanitize.ts';
import type { RequiredPermission } from '../kubernetes/permissions.ts';
import type { AgentState } from '../model/agent.ts';

/** Where the data comes from. */
export type SessionMode = 'cluster' | 'local' | 'endpoints';

/** All that the checks look at, gathered before they run. */
export interface Facts {
  readonly mode: SessionMode;
  /** How this program is called: "kflow", "kubectl kflow", "npx kflow". */
  readonly name: string;
  /** The same by absolute paths, for sudo, which has a PATH of its own. */
  readonly self: readonly string[];
  /** Of this program. */
  readonly version: string;
  readonly agents: readonly AgentState[];
  /** Why the agents cannot be found. */
  readonly discoveryError?: CleanText;
  /** Pods that may be agents and are not used, and why. */
  readonly agentNotices?: readonly CleanText[];
  /** The only namespace that is looked at, where one was given. */
  readonly namespace?: CleanText;
  /** This machine, for what an agent inside this process reads. */
  readonly machine: LocalMachine;
  /** Of a cluster, as far as it could be reached. */
  readonly cluster?: ClusterFacts;
}

export interface ClusterFacts {
  /** Absent: the kubeconfig is not usable, and `unusable` says why. */
  readonly context?: CleanText;
  readonly unusable?: CleanText;
  readonly server?: CleanText;
  /** "v1.34.4"; absent: `unreachable` says why. */
  readonly serverVersion?: CleanText;
  readonly unreachable?: CleanText;
  /** As RBAC has it, where the cluster tells. */
  readonly user?: CleanText;
  /** Rights that kflow uses and the user does not have. */
  readonly missing: readonly MissingPermission[];
  /** Nodes that run Linux; absent: this user may not list them. */
  readonly nodes?: readonly NodeFacts[];
  readonly network?: Network;
  /** By namespace, the agents that are installed there, as far as this user may read it. */
  readonly installs?: Readonly<Record<string, InstallFacts>>;
}

export interface NodeFacts {
  readonly name: CleanText;
  /** Absent: it is ready. */
  readonly notReady?: { readonly reason: CleanText; readonly message: CleanText };
  /** Absent: it is a worker. */
  readonly isControlPlane?: true;
  /** Absent: it is not, or is not known. */
  readonly isOpenShift?: true;
  /** "containerd://2.1.4" */
  readonly runtime?: CleanText;
}

export interface InstallFacts {
  /** As it is written in a command: it is looked at there. */
  readonly image?: string;
  /** The DaemonSet's name. */
  readonly daemonSet?: CleanText;
  /** The group that the agent runs with; absent: the image's. */
  readonly group?: number;
  /** The SELinux type that its container asks for. */
  readonly selinuxType?: string;
  /** The table that it was set to read, as the node has it; absent: it looks for one itself. */
  readonly conntrack?: string;
  /** What it reads flows from; absent: its default. */
  readonly source?: string;
  /** False: its pods have a user namespace of their own. */
  readonly hostUsers?: boolean;
}

export interface MissingPermission extends RequiredPermission {
  /** Without it nothing is shown; without another one less is. */
  readonly required: boolean;
}

/** What is known of the network plugins. */
export type Network =
  | { readonly kind: 'unseen'; readonly reason: CleanText }
  | { readonly kind: 'seen'; readonly plugins: readonly Plugin[] };

/** One that may forward packets past conntrack. */
export interface Plugin {
  readonly name: 'cilium' | 'calico';
  readonly namespace: string;
  /** Settings, by the plugin's own names; absent: they may not be read. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Agents that answer. */
export function reachableAgents({ agents }: Facts): readonly AgentState[] {
  return agents.filter(({ status, info }) => info !== undefined && status.kind !== 'lost');
}
