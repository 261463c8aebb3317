import { Observable, retry, Subject, Subscription, tap, throttle, timer } from 'rxjs';
import { type CleanText, cleanSentence, cleanText, sentence } from '../format/sanitize.ts';
import type { KubeClient, KubeOptions } from '../kubernetes/config.ts';
import { invalidAnswerError, type KubeError } from '../kubernetes/errors.ts';
import { type InformerEvent, subscribeToInformer } from '../kubernetes/informer.ts';
import { PortForwarder } from '../kubernetes/port-forward/port-forwarder.ts';
import { ownCommand } from '../kubernetes/same-cluster.ts';
import { MAX_AGENT_PODS } from '../model/limits.ts';
import { chooseAgents } from './agent-identity.ts';
import { DEFAULT_AGENT_NAMESPACE } from './agent-namespaces.ts';
import { type AgentPod, decodeAgentPod } from './agent-pod.ts';
import type { AgentTarget, Discovery, DiscoveryResult } from './discovery.ts';
import { agentNamespaceCommands, findAgentNamespaces } from './other-namespaces.ts';

/** Where `kflow install` puts the agents by default. */
export const INSTALL_NAMESPACE = DEFAULT_AGENT_NAMESPACE;

/** The agents' pods in a cluster, followed by watch, each reached by a port-forward. */
export function clusterDiscovery(kube: KubeClient, options: KubeOptions = {}): Discovery {
  return {
    origin: cleanText(kube.context),
    discovered$: new Observable((subscriber) => {
      const search = new ClusterDiscovery(kube, options, (discovered) => subscriber.next(discovered));
      return () => search.stop();
    }),
  };
}

/** A change of the agents' pods is acted on no more often, and a tenth of the time is spent on it at most. */
const MIN_PUBLISH_INTERVAL_MS = 100;
const PAUSE_RATIO = 9;
/** After a fault that no check foresaw. */
const FAULT_PAUSE_MS = 5_000;

/** A namespace of agents. */
interface Scope {
  readonly namespace: string;
  readonly pods: Map<string, AgentPod>;
  listed: boolean;
  error: KubeError | undefined;
}

class ClusterDiscovery {
  readonly #kube: KubeClient;
  readonly #options: KubeOptions;
  readonly #emit: (discovered: DiscoveryResult) => void;
  readonly #forwarder: PortForwarder;
  readonly #subscription = new Subscription();
  /** By key: a target stays the same object while it is the same agent, used or not. */
  #found = new Map<string, { readonly pod: AgentPod; readonly target: AgentTarget }>();
  #reported = '';
  readonly #scopes: readonly Scope[];
  /** Other namespaces that have agents. Undefined: not known yet. */
  #elsewhere: readonly string[] | undefined;
  readonly #abort = new AbortController();
  readonly #changed$ = new Subject<void>();
  #pauseMs = MIN_PUBLISH_INTERVAL_MS;

  constructor(kube: KubeClient, options: KubeOptions, emit: (discovered: DiscoveryResult) => void) {
    this.#kube = kube;
    this.#options = options;
    this.#emit = emit;
    this.#forwarder = new PortForwarder(kube);
    const namespaces = options.agentNamespaces ?? [DEFAULT_AGENT_NAMESPACE];
    // Each change looks at all pods: a rollout, or a hostile API server, changes many of them in a second.
    const throttled$ = this.#changed$.pipe(
      throttle(() => timer(this.#pauseMs), { leading: true, trailing: true }),
      tap(() => {
        const before = performance.now();
        this.#publish();
        this.#pauseMs = Math.max(MIN_PUBLISH_INTERVAL_MS, PAUSE_RATIO * (performance.now() - before));
      }),
      retry({ delay: (error) => this.#reportFault(error) }),
    );
    this.#subscription.add(throttled$.subscribe());
    this.#scopes = namespaces.map((namespace) => ({ namespace, pods: new Map(), listed: false, error: undefined }));
    findAgentNamespaces(kube, options, namespaces, this.#abort.signal).then((elsewhere) => {
      this.#elsewhere = elsewhere;
      if (!this.#abort.signal.aborted) this.#changed$.next();
    });
    for (const scope of this.#scopes) this.#look(scope);
  }

  stop(): void {
    this.#abort.abort();
    this.#subscription.unsubscribe();
  }

  #reportFault(error: unknown): Observable<unknown> {
    for (const scope of this.#scopes) scope.error = invalidAnswerError('pods', error);
    return timer(FAULT_PAUSE_MS);
  }

  #look(scope: Scope): void {
    const { agentSelector } = this.#options;
    const pods = {
      group: '/api/v1',
      resource: 'pods',
      namespace: scope.namespace,
      ...(agentSelector === undefined ? {} : { selector: agentSelector }),
      project: decodeAgentPod,
    };
    this.#subscription.add(subscribeToInformer(this.#kube, pods, (change) => this.#take(scope, change)));
  }

  #take(scope: Scope, change: InformerEvent<AgentPod>): void {
    switch (change.kind) {
      case 'synced':
        scope.listed = true;
        scope.pods.clear();
        for (const pod of change.items.slice(0, MAX_AGENT_PODS)) scope.pods.set(pod.uid, pod);
        break;
      case 'upsert':
        // A watch could send new pods without end.
        if (scope.pods.size < MAX_AGENT_PODS || scope.pods.has(change.item.uid))
          scope.pods.set(change.item.uid, change.item);
        break;
      case 'delete':
        scope.pods.delete(change.item.uid);
        break;
      case 'recovered':
        scope.error = undefined;
        break;
      case 'error':
        scope.error = change.error;
        break;
    }
    this.#changed$.next();
  }

  #publish(): void {
    // Wait until each namespace has replied once.
    const isBeginning =
      this.#reported === '' && this.#scopes.some(({ listed, error }) => !listed && error === undefined);
    if (isBeginning) return;
    const pods = this.#scopes.flatMap((scope) => [...scope.pods.values()]);
    const agents = pods.filter(({ fault }) => fault === undefined);
    const chosen = chooseAgents(agents);
    const found = new Map<string, { pod: AgentPod; target: AgentTarget }>();
    for (const pod of agents) {
      const key = `${pod.namespace}/${pod.name}#${pod.incarnation}`;
      const used = pod.node === undefined ? pod : chosen.get(pod.node);
      const unused = used === pod ? undefined : describeUnused(pod, used);
      const known = this.#found.get(key)?.target;
      found.set(key, { pod, target: known?.unused === unused && known ? known : this.#target(key, pod, unused) });
    }
    this.#found = found;
    // If no agent is found, a notice says where there are some. `-n` may have been meant for the agents.
    const isWaiting = this.#elsewhere === undefined && this.#scopes.some(({ listed }) => listed);
    if (isWaiting && (found.size === 0 || this.#options.namespace !== undefined)) return;
    const problem = this.#discoveryError(found.size);
    if (problem === undefined && found.size === 0 && this.#scopes.some(({ listed }) => !listed)) return;
    const notices = found.size === 0 && problem !== undefined ? [] : this.#notices();
    const strangers = pods.flatMap(({ namespace, name, fault, isLabelled }) =>
      fault !== undefined && isLabelled ? [sentence`pod ${namespace}/${name} is not used as an agent: ${fault}`] : [],
    );
    const targets = Array.from(found.values(), ({ target }) => target);
    const allNotices = [...notices, ...strangers.slice(0, MAX_UNUSED_PODS)];
    // Most changes of a pod do not matter here.
    const telling = JSON.stringify([targets.map(({ key, unused }) => [key, unused]), problem, allNotices]);
    if (telling === this.#reported) return;
    this.#reported = telling;
    this.#emit({
      targets,
      ...(problem === undefined ? {} : { error: cleanSentence(problem) }),
      ...(allNotices.length === 0 ? {} : { notices: allNotices }),
    });
  }

  #notices(): CleanText[] {
    const elsewhere = this.#elsewhere ?? [];
    if (elsewhere.length === 0) return [];
    return [
      cleanSentence(
        `agents in ${formatNamespaces(elsewhere, ' and ')} are not used: ${agentNamespaceCommands(elsewhere, this.#options).join(', ')}`,
      ),
    ];
  }

  /** A missing permission matters only if no agent is found elsewhere; after another error the list may be out of date. */
  #discoveryError(found: number): string | undefined {
    const scopes = this.#scopes;
    const failing = scopes.find(({ error }) => error !== undefined && error.code !== 'forbidden')?.error;
    if (failing !== undefined) return `cannot discover agents: ${failing.message}`;
    if (found > 0 || scopes.some(({ listed, error }) => !listed && error === undefined)) return undefined;
    const listed = scopes.filter((scope) => scope.listed);
    const refused = scopes.find(({ error }) => error !== undefined)?.error;
    if (listed.length === 0) return refused === undefined ? undefined : `cannot discover agents: ${refused.message}`;
    const { agentSelector } = this.#options;
    const what = agentSelector === undefined ? 'No agents' : `No agents with label ${agentSelector}`;
    const where = formatNamespaces(
      listed.map(({ namespace }) => namespace),
      ' or ',
    );
    const more = refused === undefined ? '' : ` (${refused.message})`;
    const elsewhere = this.#elsewhere ?? [];
    if (elsewhere.length > 0)
      return `${what} in ${where}, but in ${formatNamespaces(elsewhere, ' and ')}: ${agentNamespaceCommands(elsewhere, this.#options).join(', ')}`;
    const command = (word: string) => ownCommand([word], this.#options);
    return `${what} in ${where}: \`${command('install')}\`, or \`${command('--local')}\`${more}`;
  }

  #target(key: string, pod: AgentPod, unused: CleanText | undefined): AgentTarget {
    const { namespace, name, node, port } = pod;
    const where = { namespace, pod: name, port, ...(node === undefined ? {} : { node }) };
    return {
      key,
      namespace,
      pod: name,
      ...(node === undefined ? {} : { node }),
      ...(unused === undefined ? {} : { unused }),
      dial: async (signal) => {
        // The reason for waiting may change.
        const waiting = (this.#found.get(key)?.pod ?? pod).waiting;
        if (waiting !== undefined) throw new Error(waiting);
        return this.#forwarder.dial(where, signal);
      },
    };
  }
}

function describeUnused({ node }: AgentPod, used: AgentPod | undefined): CleanText | undefined {
  if (node === undefined || used === undefined) return undefined;
  return sentence`${used.namespace}/${used.name} is the agent of ${node}`;
}

/** How many pods are named that look like agents but are not. */
const MAX_UNUSED_PODS = 3;

/** "namespace blue", "namespaces blue and green" */
function formatNamespaces(names: readonly string[], joint: string): string {
  return `namespace${names.length > 1 && joint !== ' or ' ? 's' : ''} ${names.join(joint)}`;
}
