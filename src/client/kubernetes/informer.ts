import { setTimeout as delay } from 'node:timers/promises';
import { Observable, retry, type Subscription, tap, timer } from 'rxjs';
import { Backoff } from '../async/backoff.ts';
import { deadline, get, getPage } from './api-request.ts';
import type { KubeClient } from './config.ts';
import { invalidAnswerError, KubeError, type Permission } from './errors.ts';
import { readPages } from './list-pages.ts';
import { lines, type WatchEvent, watchEvent } from './watch-lines.ts';

/** A collection of objects, and what is kept of each: the objects themselves are large. */
export interface InformerOptions<T> {
  /** "pods" */
  readonly resource: string;
  /** "/api/v1" */
  readonly group: string;
  /** Absent: all namespaces (or the resource has none). */
  readonly namespace?: string;
  readonly selector?: string;
  /** `object`: as the API server sent it. Undefined: of no interest. */
  project(object: unknown): T | undefined;
  /** How often to list where watching is not allowed. Default 5 s. */
  readonly pollMs?: number;
}

export type InformerEvent<T> =
  /** All there is: replaces everything before. */
  | { readonly kind: 'synced'; readonly items: readonly T[] }
  | { readonly kind: 'upsert'; readonly item: T }
  | { readonly kind: 'delete'; readonly item: T }
  /** What was reported may be out of date; it is being tried again. */
  | { readonly kind: 'error'; readonly error: KubeError }
  /** The trouble is over. */
  | { readonly kind: 'recovered' };

const POLL_MS = 5_000;
/** Watches end and are taken up again, so that one that died unnoticed does not stay so. */
const WATCH_SECONDS = 45;
const WATCH_GRACE_SECONDS = 10;
/** A request that fails is made again after so long. */
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;
/** A watch that ended too soon is opened again after 1 to 2 s at first, then ever later. */
const FIRST_RESTART_MS = 2_000;
const MAX_RESTART_MS = 30_000;
/** A watch that lived so long was a good one, even if it delivered nothing except bookmarks. */
const MIN_WATCH_MS = 60_000;
/** After a fault that no check foresaw. */
const RELIST_MS = 5_000;
/** Rights seldom change while one waits, but an API server that has just started refuses what it will soon allow. */
const FIRST_REFUSED_RETRY_MS = 2_000;
const MAX_REFUSED_RETRY_MS = 20_000;
/** For the same reason a refused watch is tried again after so many lists. */
const LISTS_BEFORE_WATCH = 12;

/**
 * Lists a collection and follows it by watch, for as long as it is subscribed to. Never errors: whatever goes wrong is
 * reported as `trouble` and tried again. Where RBAC allows list but not watch, it lists every `pollMs`.
 */
export function createInformer<T>(kube: KubeClient, collection: InformerOptions<T>): Observable<InformerEvent<T>> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const follower = new Informer(kube, collection, (change) => subscriber.next(change), controller.signal);
    follower.run().catch((error: unknown) => {
      if (!controller.signal.aborted) subscriber.error(error);
    });
    return () => controller.abort();
  });
}

/** As `follow`, where `take` may throw: that is reported as trouble of this collection, which is then watched again. */
export function subscribeToInformer<T>(
  kube: KubeClient,
  collection: InformerOptions<T>,
  take: (change: InformerEvent<T>) => void,
): Subscription {
  const reported = (error: unknown) => {
    try {
      take({ kind: 'error', error: invalidAnswerError(collection.resource, error) });
    } catch {
      // It is tried again all the same.
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
  readonly #backoff = new Backoff(FIRST_RETRY_MS, MAX_RETRY_MS);
  readonly #refusals = new Backoff(FIRST_REFUSED_RETRY_MS, MAX_REFUSED_RETRY_MS);
  /**
   * For watches that end too soon or are too old at once. Neither a list nor a bookmark resets it: a server that lists well and
   * ends each watch would be asked for list after list.
   */
  readonly #restarts = new Backoff(FIRST_RESTART_MS, MAX_RESTART_MS);
  #troubled = false;
  /** Lists to make until a watch is tried. */
  #listsToMake = 0;
  /** Up to where the collection is known; undefined: it has to be listed. */
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
    this.#troubled = true;
    this.#emit({ kind: 'error', error });
    await (error.code === 'forbidden' ? this.#refusals : this.#backoff).wait(this.#signal);
  }

  /** What was reported is true again. */
  #well(): void {
    if (!this.#troubled) return;
    this.#troubled = false;
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

  /** Reads all pages, in pages of fewer objects where they are too large. Resolves with the list's version. */
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
    // Not all in the same second: several collections are watched, by many clients.
    const seconds = Math.round(WATCH_SECONDS * (0.8 + Math.random() * 0.4));
    const path = this.#path({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version ?? '',
      timeoutSeconds: String(seconds),
    });
    const end = deadline(this.#signal, (seconds + WATCH_GRACE_SECONDS) * 1000);
    const opened = performance.now();
    // One that lived as long as it was asked to is a good one, too.
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

  /** The only thing that makes the next fault count as the first: the watch does what it is for. */
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

/** Node's and undici's errors have a code (or are an abort); a consumer's mistakes do not. */
function isNetworkError(error: unknown): boolean {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' || name === 'AbortError' || name === 'TimeoutError';
}
