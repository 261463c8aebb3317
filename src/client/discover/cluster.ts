import { Observable, Subscription } from 'rxjs';
import { cleanSentence, cleanText } from '../format/sanitize.ts';
import { isKubernetesName } from '../format/shell-command.ts';
import { Forwarder } from '../forward/forward.ts';
import type { Kube, KubeOptions } from '../kube/config.ts';
import type { KubeError } from '../kube/errors.ts';
import { type Change, followInto } from '../kube/follow.ts';
import { getPage } from '../kube/request.ts';
import { AGENT_SELECTOR, type AgentPod, agentPod } from './agent-pod.ts';
import type { AgentTarget, Discovered, Discovery } from './target.ts';

/** Where `kflow install` puts the agents unless told otherwise; looked at where RBAC does not allow to look everywhere. */
export const INSTALL_NAMESPACE = 'kflow';

/** The agents' pods in a cluster, followed by watch, each reached by a port-forward. */
export function clusterDiscovery(kube: Kube, options: KubeOptions = {}): Discovery {
  return {
    origin: cleanText(kube.context),
    discovered$: new Observable((subscriber) => {
      const search = new Search(kube, options, (discovered) => subscriber.next(discovered));
      return () => search.stop();
    }),
  };
}

/** One namespace (undefined: all of them) that is looked at. */
interface Scope {
  readonly namespace: string | undefined;
  readonly pods: Map<string, AgentPod>;
  listed: boolean;
  error: KubeError | undefined;
}

class Search {
  readonly #kube: Kube;
  readonly #selector: string;
  readonly #emit: (discovered: Discovered) => void;
  readonly #forwarder: Forwarder;
  readonly #subscription = new Subscription();
  /** By key: a target stays the same object while it is the same agent. */
  #found = new Map<string, { readonly pod: AgentPod; readonly target: AgentTarget }>();
  #told = '';
  #scopes: Scope[] = [];
  /** Where else there are agents, once the only namespace that is looked at had none. */
  #elsewhere: readonly string[] | 'asked' | undefined;
  readonly #abort = new AbortController();
  /** Namespaces to look at when "all" is refused. */
  #narrow: readonly string[];

  constructor(kube: Kube, options: KubeOptions, emit: (discovered: Discovered) => void) {
    this.#kube = kube;
    this.#selector = options.selector ?? AGENT_SELECTOR;
    this.#emit = emit;
    this.#forwarder = new Forwarder(kube);
    const everywhere = options.allNamespaces === true || options.namespace === undefined;
    this.#narrow = options.allNamespaces ? [] : [...new Set([kube.namespace, INSTALL_NAMESPACE])];
    this.#look(everywhere ? undefined : kube.namespace);
  }

  stop(): void {
    this.#abort.abort();
    this.#subscription.unsubscribe();
  }

  #look(namespace: string | undefined): void {
    const scope: Scope = { namespace, pods: new Map(), listed: false, error: undefined };
    this.#scopes.push(scope);
    const pods = {
      group: '/api/v1',
      resource: 'pods',
      ...(namespace === undefined ? {} : { namespace }),
      selector: this.#selector,
      project: agentPod,
    };
    this.#subscription.add(followInto(this.#kube, pods, (change) => this.#take(scope, change)));
  }

  #take(scope: Scope, change: Change<AgentPod>): void {
    switch (change.kind) {
      case 'list':
        scope.listed = true;
        scope.pods.clear();
        for (const pod of change.items) scope.pods.set(pod.uid, pod);
        break;
      case 'put':
        scope.pods.set(change.item.uid, change.item);
        break;
      case 'delete':
        scope.pods.delete(change.item.uid);
        break;
      case 'well':
        scope.error = undefined;
        break;
      case 'trouble':
        scope.error = change.error;
        if (change.error.code === 'forbidden' && scope.namespace === undefined && this.#scopes.length === 1) {
          // The search everywhere goes on as well, in case the right is granted.
          for (const namespace of this.#narrow) this.#look(namespace);
        }
        break;
    }
    this.#publish();
  }

  #publish(): void {
    const everywhere = this.#scopes.find(({ namespace, listed }) => namespace === undefined && listed);
    const inForce = everywhere === undefined ? this.#scopes : [everywhere];
    const found = new Map<string, { pod: AgentPod; target: AgentTarget }>();
    for (const { pods } of inForce) {
      for (const pod of pods.values()) {
        const key = `${pod.namespace}/${pod.name}#${pod.incarnation}`;
        found.set(key, { pod, target: this.#found.get(key)?.target ?? this.#target(key, pod) });
      }
    }
    this.#found = found;
    if (found.size === 0 && !this.#knowsElsewhere(inForce)) return;
    const problem = this.#problem(inForce, found.size);
    if (problem === undefined && found.size === 0 && inForce.some(({ listed }) => !listed)) return;
    // Most changes of a pod are of no concern here.
    const telling = [...found.keys(), problem].join(' ');
    if (telling === this.#told) return;
    this.#told = telling;
    const targets = [...found.values()].map(({ target }) => target);
    this.#emit({ targets, ...(problem === undefined ? {} : { problem: cleanSentence(problem) }) });
  }

  /** Whoever asked for one namespace, which has none, is told of the others: they are asked for once, and waited for. */
  #knowsElsewhere([scope]: readonly Scope[]): boolean {
    if (scope?.namespace === undefined || !scope.listed || this.#scopes.length > 1) return true;
    if (this.#elsewhere === undefined) {
      this.#elsewhere = 'asked';
      findAgentNamespaces(this.#kube, this.#selector, this.#abort.signal).then((namespaces) => {
        this.#elsewhere = namespaces;
        if (!this.#abort.signal.aborted) this.#publish();
      });
    }
    return this.#elsewhere !== 'asked';
  }

  /** A refusal matters only where nothing is found otherwise; other trouble means that the list may be out of date. */
  #problem(scopes: readonly Scope[], found: number): string | undefined {
    const failing = scopes.find(({ error }) => error !== undefined && error.code !== 'forbidden')?.error;
    if (failing !== undefined) return `agents cannot be looked for: ${failing.message}`;
    if (found > 0 || scopes.some(({ listed, error }) => !listed && error === undefined)) return undefined;
    const listed = scopes.filter((scope) => scope.listed);
    const refused = scopes.find(({ error }) => error !== undefined)?.error;
    if (listed.length === 0)
      return refused === undefined ? undefined : `agents cannot be looked for: ${refused.message}`;
    const what = this.#selector === AGENT_SELECTOR ? 'No agents' : `No agents with label ${this.#selector}`;
    const namespaces = listed.flatMap(({ namespace }) => namespace ?? []);
    const where = namespaces.length > 0 ? `namespace ${namespaces.join(' or ')}` : 'this cluster';
    const more = refused === undefined ? '' : ` (${refused.message})`;
    if (Array.isArray(this.#elsewhere) && this.#elsewhere.length > 0)
      return `${what} in ${where}, but in ${this.#elsewhere.map((one) => `namespace ${one} (\`-n ${one}\`)`).join(', ')}`;
    return `${what} in ${where}: \`kflow install\`, or \`kflow --local\`${more}`;
  }

  #target(key: string, pod: AgentPod): AgentTarget {
    const { namespace, name, node, port } = pod;
    const where = { namespace, pod: name, port, ...(node === undefined ? {} : { node }) };
    return {
      key,
      namespace,
      pod: name,
      ...(node === undefined ? {} : { node }),
      dial: async (signal) => {
        // Why it waits may change meanwhile.
        const waiting = (this.#found.get(key)?.pod ?? pod).waiting;
        if (waiting !== undefined) throw new Error(waiting);
        return this.#forwarder.dial(where, signal);
      },
    };
  }
}

/** Enough to name some. */
const MAX_PODS = 500;

/** Never rejects: that may not be for this user to know. */
async function findAgentNamespaces(kube: Kube, selector: string, signal: AbortSignal): Promise<readonly string[]> {
  const path = `/api/v1/pods?limit=${MAX_PODS}&labelSelector=${encodeURIComponent(selector)}`;
  try {
    const { items } = await getPage(kube, path, { verb: 'list', resource: 'pods' }, signal);
    const namespaces = items.flatMap((object) => agentPod(object)?.namespace ?? []);
    return [...new Set(namespaces)].filter(isKubernetesName).sort().slice(0, 3);
  } catch {
    return [];
  }
}
