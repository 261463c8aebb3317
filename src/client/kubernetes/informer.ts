import { setTimeout as delay } from 'node:timers/promises';
import { Observable, retry, type Subscription, tap, timer } from 'rxjs';
import { Backoff } from '../async/backoff.ts';
import { deadline, get, getPage } from './api-request.ts';
import type { KubeClient } from './config.ts';
import { invalidAnswerError, KubeError, type Permission } from './errors.ts';
import { readPages } from './list-pages.ts';
import { lines, type WatchEvent, watchEvent } from './watch-lines.ts';

/** A collection of objects and the projection to keep of each, because whole objects are large. */
export interface InformerOptions<T> {
  /** "pods" */
  readonly resource: string;
  /** "/api/v1" */
  readonly group: string;
  /** Absent: all namespaces (or the resource has none). */
  readonly namespace?: string;
  readonly selector?: string;
  /** `object`: as the API server sent it. Undefined: skip it. */
  project(object: unknown): T | undefined;
  /** How often to list where watching is not allowed. Default 5 s. */
  readonly pollMs?: number;
}

export type InformerEvent<T> =
  /** All objects: replaces everything before. */
  | { readonly kind: 'synced'; readonly items: readonly T[] }
  | { readonly kind: 'upsert'; readonly item: T }
  | { readonly kind: 'delete'; readonly item: T }
  /** The reported objects may be out of date; the informer retries. */
  | { readonly kind: 'error'; readonly error: KubeError }
  /** The error is over. */
  | { readonly kind: 'recovered' };

const POLL_MS = 5_000;
/** Watches end after this time and are opened again, so that a dead one is replaced. */
const WATCH_SECONDS = 45;
const WATCH_GRACE_SECONDS = 10;
/** The pause before a failed request is repeated. */
const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;
/** A watch that ended too soon is opened again after 1 to 2 s, then with growing pauses. */
const MIN_RESTART_MS = 2_000;
const MAX_RESTART_MS = 30_000;
/** A watch that lasted this long was good, even if it delivered only bookmarks. */
const MIN_WATCH_MS = 60_000;
/** The pause after an unexpected error. */
const RELIST_MS = 5_000;
/** Permissions rarely change, but an API server that has just started may refuse what it allows soon after. */
const MIN_REFUSED_RETRY_MS = 2_000;
const MAX_REFUSED_RETRY_MS = 20_000;
/** For the same reason a refused watch is tried again after this many lists. */
const LISTS_BEFORE_WATCH = 12;

/**
 * Lists a collection and watches it while subscribed. Never errors: every failure is
 * reported as `error` and retried. If RBAC allows list but not watch, it lists every `pollMs`.
 */
export function createInformer<T>(kube: KubeClient, collection: InformerOptions<T>): Observable<InformerEvent<T>> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const informer = new Informer(kube, collection, (change) => subscriber.next(change), controller.signal);
    informer.run().catch((error: unknown) => {
      if (!controller.signal.aborted) subscriber.error(error);
    });
    return () => controller.abort();
  });
}

/** As `createInformer`, but `take` may throw: that is reported as an error of this collection, which is then watched again. */
export function subscribeToInformer<T>(
  kube: KubeClient,
  collection: InformerOptions<T>,
  take: (change: InformerEvent<T>) => void,
): Subscription {
  const reported = (error: unknown) => {
    try {
      take({ kind: 'error', error: invalidAnswerError(collection.resource, error) });
    } catch {
      // The informer retries anyway.
    }
    return timer(RELIST_MS);
  };
  return createInformer(kube, collection)
    .pipe(tap(take), retry({ delay: reported }))
    .subscribe();
}

class Informer<T> {
  readonly #kube: KubeClient;
  readonly #collection: InformerOptions<T>;
  readonly #emit: (change: InformerEvent<T>) => void;
  readonly #signal: AbortSignal;
  readonly #backoff = new Backoff(MIN_RETRY_MS, MAX_RETRY_MS);
  readonly #refusals = new Backoff(MIN_REFUSED_RETRY_MS, MAX_REFUSED_RETRY_MS);
  /**
   * The backoff for watches that end too soon or have an old version. Neither a list nor a bookmark resets it: a server that lists and
   * ends each watch would otherwise get list after list.
   */
  readonly #restarts = new Backoff(MIN_RESTART_MS, MAX_RESTART_MS);
  #hasFailed = false;
  /** How many lists remain until the next attempt to watch. */
  #listsToMake = 0;
  /** The resource version that is known; undefined: the collection must be listed. */
  #version: string | undefined;

  constructor(
    kube: KubeClient,
    collection: InformerOptions<T>,
    emit: (change: InformerEvent<T>) => void,
    signal: AbortSignal,
  ) {
    this.#kube = kube;
    this.#collection = collection;
    this.#emit = emit;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list();
        if (this.#listsToMake === 0) await this.#watch();
        else {
          this.#listsToMake--;
          await delay(this.#collection.pollMs ?? POLL_MS, undefined, { signal: this.#signal });
          this.#version = undefined;
        }
      } catch (error) {
        if (this.#signal.aborted) return;
        await this.#recover(error instanceof KubeError ? error : invalidAnswerError(this.#collection.resource, error));
      }
    }
  }

  async #recover(error: KubeError): Promise<void> {
    if (error.code === 'forbidden' && this.#version !== undefined) {
      this.#listsToMake = LISTS_BEFORE_WATCH;
      return;
    }
    if (error.code === 'gone') {
      this.#version = undefined;
      await this.#restarts.wait(this.#signal);
      return;
    }
    this.#hasFailed = true;
    this.#emit({ kind: 'error', error });
    await (error.code === 'forbidden' ? this.#refusals : this.#backoff).wait(this.#signal);
  }

  /** Reports that the error is over. */
  #well(): void {
    if (!this.#hasFailed) return;
    this.#hasFailed = false;
    this.#emit({ kind: 'recovered' });
  }

  async #list(): Promise<void> {
    const items: T[] = [];
    const version = await this.#pages((page) => {
      for (const object of page) {
        const item = this.#collection.project(object);
        if (item !== undefined) items.push(item);
      }
    });
    this.#version = version;
    this.#backoff.succeeded();
    this.#refusals.succeeded();
    this.#emit({ kind: 'synced', items });
    this.#well();
  }

  /** Reads all pages, with fewer objects per page if they are too large. Resolves with the list's version. */
  async #pages(take: (objects: readonly unknown[]) => void): Promise<string> {
    const { resource } = this.#collection;
    const path = (limit: number, next: string) =>
      this.#path({ limit: String(limit), ...(next === '' ? {} : { continue: next }) });
    return readPages(
      (limit, next) => getPage(this.#kube, path(limit, next), this.#right('list'), this.#signal),
      resource,
      take,
    );
  }

  async #watch(): Promise<void> {
    // Spread out, because many clients watch several collections.
    const seconds = Math.round(WATCH_SECONDS * (0.8 + Math.random() * 0.4));
    const path = this.#path({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version ?? '',
      timeoutSeconds: String(seconds),
    });
    const end = deadline(this.#signal, (seconds + WATCH_GRACE_SECONDS) * 1000);
    const opened = performance.now();
    // A watch that lasted its requested time was good, too.
    const isGood = () => performance.now() - opened >= Math.min(MIN_WATCH_MS, seconds * 1000);
    try {
      const response = await get(this.#kube, path, this.#right('watch'), end.signal);
      this.#well();
      for await (const line of lines(response)) this.#take(watchEvent(line, this.#collection.resource));
    } catch (error) {
      if (error instanceof KubeError || !isNetworkError(error)) throw error;
      throw KubeError.from(end.signal.aborted ? end.signal.reason : error);
    } finally {
      end.clear();
      if (isGood()) this.#progress();
    }
    if (!isGood()) await this.#restarts.wait(this.#signal);
  }

  /** Only a working watch resets the backoff. */
  #progress(): void {
    this.#backoff.succeeded();
    this.#restarts.succeeded();
  }

  #take({ type, object, version, code }: WatchEvent): void {
    if (type === 'ERROR') throw KubeError.fromResponse(code ?? 500, object);
    this.#version = version ?? this.#version;
    if (type === 'BOOKMARK') return;
    this.#progress();
    const item = this.#collection.project(object);
    if (item !== undefined) this.#emit({ kind: type === 'DELETED' ? 'delete' : 'upsert', item });
  }

  #path(query: Record<string, string>): string {
    const { group, namespace, resource, selector } = this.#collection;
    const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    const search = new URLSearchParams({ ...query, ...(selector ? { labelSelector: selector } : {}) });
    return `${group}${scope}/${resource}?${search}`;
  }

  #right(verb: string): Permission {
    const { group, namespace, resource } = this.#collection;
    const apiGroup = group.startsWith('/apis/') ? group.split('/')[2] : undefined;
    return {
      verb,
      resource,
      ...(apiGroup === undefined ? {} : { group: apiGroup }),
      ...(namespace === undefined ? {} : { namespace }),
    };
  }
}

/** Errors of node and undici have a code (or are an abort); a consumer's bugs do not. */
function isNetworkError(error: unknown): boolean {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' || name === 'AbortError' || name === 'TimeoutError';
}
