import { Observable, Subscription } from 'rxjs';
import type { KubeClient } from '../../kubernetes/config.ts';
import { KubeError } from '../../kubernetes/errors.ts';
import { type InformerEvent, subscribeToInformer } from '../../kubernetes/informer.ts';
import { MAX_API_ITEMS } from '../../model/limits.ts';

/** A resource and its event handlers. */
export interface ResourceHandlers<T extends { readonly uid: string }> {
  readonly resource: 'pods' | 'services' | 'nodes' | 'endpointslices';
  /** The path of its API group. Absent: the core's. */
  readonly group?: string;
  readonly project: (object: unknown) => T | undefined;
  readonly put: (item: T) => void;
  readonly remove: (item: T) => void;
}

/** Errors that do not go away by waiting. */
const UNREADABLE: ReadonlySet<KubeError['code']> = new Set(['other', 'too-large', 'not-found']);

/** How much of a resource is known. */
export interface SyncScope {
  readonly resource: string;
  /**
   * `refused`: by RBAC, everywhere. `part`: only allowed in `namespace`. `failed`: the API server's response
   * is invalid.
   */
  readonly extent: 'waiting' | 'all' | 'part' | 'refused' | 'failed';
  readonly namespace?: string;
  /** The refusal, or the invalid response. */
  readonly error?: KubeError;
}

/** If watching is not allowed: full lists of large clusters are expensive. */
const POLL_MS = 15_000;

/** Watches a resource in all namespaces, or only in `namespace` if RBAC allows no more. Emits when this may have changed. */
export function informWithFallback<T extends { readonly uid: string }>(
  kube: KubeClient,
  kind: ResourceHandlers<T>,
  namespace: string | undefined,
): Observable<SyncScope> {
  return new Observable((subscriber) => {
    const subscription = new Subscription();
    const emit = () => subscriber.next(syncScope(kind.resource, all, part, namespace));
    let part: Held<T> | undefined;
    const all = new Held(kind, emit);
    const begin = (held: Held<T>, within: string | undefined) =>
      subscription.add(
        subscribeToInformer(
          kube,
          {
            group: kind.group ?? '/api/v1',
            resource: kind.resource,
            ...(within === undefined ? {} : { namespace: within }),
            project: kind.project,
            pollMs: POLL_MS,
          },
          (change) => {
            held.take(change);
            if (held !== all || namespace === undefined || part !== undefined || all.refused === undefined) return;
            part = new Held(kind, emit);
            begin(part, namespace);
          },
        ),
      );
    begin(all, undefined);
    return () => subscription.unsubscribe();
  });
}

function syncScope<T extends { readonly uid: string }>(
  resource: string,
  all: Held<T>,
  part: Held<T> | undefined,
  namespace: string | undefined,
): SyncScope {
  if (all.listed && all.refused === undefined) return { resource, extent: 'all' };
  if (part?.listed && namespace !== undefined && all.refused !== undefined) {
    return { resource, extent: 'part', namespace, error: all.refused };
  }
  if (all.refused !== undefined && (part === undefined || part.refused !== undefined)) {
    return { resource, extent: 'refused', error: all.refused };
  }
  const unread = all.unread ?? part?.unread;
  if (unread !== undefined) return { resource, extent: 'failed', error: unread };
  return { resource, extent: 'waiting' };
}

/** The current objects, so that a new list shows which are gone. */
class Held<T extends { readonly uid: string }> {
  listed = false;
  refused: KubeError | undefined;
  /** The response was invalid. */
  unread: KubeError | undefined;
  #items = new Map<string, T>();
  readonly #kind: ResourceHandlers<T>;
  readonly #notify: () => void;

  constructor(kind: ResourceHandlers<T>, notify: () => void) {
    this.#kind = kind;
    this.#notify = notify;
  }

  take(change: InformerEvent<T>): void {
    switch (change.kind) {
      case 'synced': {
        const before = this.#items;
        this.#items = new Map(change.items.map((item) => [item.uid, item]));
        for (const [uid, item] of before) if (!this.#items.has(uid)) this.#kind.remove(item);
        for (const item of change.items) this.#kind.put(item);
        this.listed = true;
        this.refused = undefined;
        this.unread = undefined;
        break;
      }
      case 'upsert':
        // A watch could send new objects without end.
        if (this.#items.size >= MAX_API_ITEMS && !this.#items.has(change.item.uid)) {
          this.unread = new KubeError('other', `there are more than ${MAX_API_ITEMS} ${this.#kind.resource}`);
          break;
        }
        this.#items.set(change.item.uid, change.item);
        this.#kind.put(change.item);
        return;
      case 'delete':
        this.#items.delete(change.item.uid);
        this.#kind.remove(change.item);
        return;
      case 'error':
        if (change.error.code === 'forbidden') this.refused = change.error;
        else if (UNREADABLE.has(change.error.code)) this.unread = change.error;
        // An unreachable API server may come back: keep waiting.
        else return;
        break;
      case 'recovered':
        this.refused = undefined;
        this.unread = undefined;
        break;
    }
    this.#notify();
  }
}
