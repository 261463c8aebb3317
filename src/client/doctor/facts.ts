import type { LocalMachine } from '../agents/setup-hints.ts';
import type { CleanText } from '../format/sanitize.ts';
import type { RequiredPermission } from '../kubernetes/permissions.ts';
import type { AgentState } from '../model/agent.ts';

/** Where the data comes from. */
export type SessionMode = 'cluster' | 'local' | 'endpoints';

/** The input of all checks, collected before they run. */
export interface Facts {
  readonly mode: SessionMode;
  /** The command that calls this program: "kflow", "kubectl kflow", "npx kflow". */
  readonly name: string;
  /** The same with absolute paths, because sudo uses another PATH. */
  readonly self: readonly string[];
  /** The version of this program. */
  readonly version: string;
  readonly agents: readonly AgentState[];
  /** Why the agents cannot be found. */
  readonly discoveryError?: CleanText;
  /** Pods that may be agents but are not used, with the reason. */
  readonly agentNotices?: readonly CleanText[];
  /** The only namespace that is searched, if one was given. */
  readonly namespace?: CleanText;
  /** Facts about this machine, for an agent inside this process. */
  readonly machine: LocalMachine;
  /** Facts about the cluster, as far as it could be reached. */
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
  /** The user's name in RBAC, if the cluster reports it. */
  readonly user?: CleanText;
  /** Permissions that kflow uses and the user lacks. */
  readonly missing: readonly MissingPermission[];
  /** Nodes that run Linux; absent: this user may not list them. */
  readonly nodes?: readonly NodeFacts[];
  readonly network?: Network;
  /** The installs by namespace, as far as this user may read them. */
  readonly installs?: Readonly<Record<string, InstallFacts>>;
}

export interface NodeFacts {
  readonly name: CleanText;
  /** Absent: it is ready. */
  readonly notReady?: { readonly reason: CleanText; readonly message: CleanText };
  /** Absent: it is a worker. */
  readonly isControlPlane?: true;
  /** Absent: no, or not known. */
  readonly isOpenShift?: true;
  /** "containerd://2.1.4" */
  readonly runtime?: CleanText;
  /** "5.15.0-91-generic" */
  readonly kernel?: CleanText;
}

export interface InstallFacts {
  /** Raw text: the command that uses it checks it. */
  readonly image?: string;
  /** The DaemonSet's name. */
  readonly daemonSet?: CleanText;
  /** The group that the agent runs with; absent: the image's. */
  readonly group?: number;
  /** The SELinux type of its container. */
  readonly selinuxType?: string;
  /** The configured path of the table on the node; absent: the agent finds the table itself. */
  readonly conntrack?: string;
  /** The configured conntrack source; absent: the default. */
  readonly source?: string;
  /** False: its pods run in their own user namespace. */
  readonly hostUsers?: boolean;
}

export interface MissingPermission extends RequiredPermission {
  /** kflow shows nothing without a required permission, and less without another one. */
  readonly required: boolean;
}

/** The cluster's network plugins. */
export type Network =
  | { readonly kind: 'unseen'; readonly reason: CleanText }
  | { readonly kind: 'seen'; readonly plugins: readonly Plugin[] };

/** A plugin that may forward packets without conntrack. */
export interface Plugin {
  readonly name: 'cilium' | 'calico';
  readonly namespace: string;
  /** Settings by the plugin's own names; absent: this user may not read them. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Agents that can be reached. */
export function reachableAgents({ agents }: Facts): readonly AgentState[] {
  return agents.filter(({ status, info }) => info !== undefined && status.kind !== 'lost');
}
