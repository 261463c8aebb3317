import { type JsonObject, type KubeRequest, listPage, sendJson } from '../kubernetes/api-request.ts';
import type { KubeClient } from '../kubernetes/config.ts';
import { KubeError, type Permission } from '../kubernetes/errors.ts';
import { flag, list, record, text } from '../kubernetes/json-readers.ts';
import { MAX_API_PAGE_BYTES } from '../model/limits.ts';
import { kubeObject, objectMeta } from './decode-object.ts';
import { apiGroup, describeObject, isSameObject, type ObjectRef } from './inventory.ts';
import type { KubeObject, ObjectMeta } from './manifest.ts';

/** A resource of the API server. */
export interface Resource {
  /** "apps/v1" */
  readonly apiVersion: string;
  /** "daemonsets" */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

const RESOURCES = record({
  resources: list(record({ name: text, kind: text, namespaced: flag, verbs: list(text) })),
});
const VERSION_OF_GROUP = record({ groupVersion: text });
const GROUPS = record({
  groups: list(record({ preferredVersion: VERSION_OF_GROUP, versions: list(VERSION_OF_GROUP) })),
});
const VERSION = record({ minor: text });

const PAGE_ITEMS = 500;
const MAX_PAGES = 100;

/** The field manager of kflow's changes. */
const FIELD_MANAGER = 'kflow';
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

type Sent = Omit<KubeRequest, 'method' | 'path'> & { readonly right?: Permission };

/**
 * Reads and writes objects of any kind by API paths. client-node's calls are not used, because they send only the
 * fields that its own version knows, and would drop parts of a manifest without an error. Rejects with KubeErrors.
 */
export class ObjectClient {
  readonly #kube: KubeClient;
  readonly #signal: AbortSignal;
  readonly #resources = new Map<string, Promise<readonly Resource[]>>();

  constructor(kube: KubeClient, signal: AbortSignal) {
    this.#kube = kube;
    this.#signal = signal;
  }

  /** Throws if the API server does not have this kind. */
  async resource({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): Promise<Resource> {
    const found = (await this.resources(apiVersion)).find((resource) => resource.kind === kind);
    if (found !== undefined) return found;
    throw new KubeError('not-found', `this cluster has no kind ${kind} of ${apiVersion}`);
  }

  /** The resources of a group version; empty if the API server does not have it. */
  resources(apiVersion: string): Promise<readonly Resource[]> {
    const known = this.#resources.get(apiVersion);
    if (known !== undefined) return known;
    const found = this.#send('GET', rootOf(apiVersion)).then(
      (found) => (RESOURCES(found)?.resources ?? []).flatMap((resource) => resourceOf(apiVersion, resource)),
      (error) => {
        if (error instanceof KubeError && error.code === 'not-found') return [];
        throw error;
      },
    );
    this.#resources.set(apiVersion, found);
    return found;
  }

  /** Every version of every group, the preferred one first: "v1", "apps/v1" … */
  async groupVersions(): Promise<string[]> {
    const { groups = [] } = GROUPS(await this.#send('GET', '/apis')) ?? {};
    const all = groups.flatMap(({ preferredVersion, versions = [] }) =>
      [preferredVersion, ...versions].flatMap((version) => version?.groupVersion ?? []),
    );
    return [...new Set(['v1', ...all])];
  }

  /** The minor version of the API server: 34 for 1.34. */
  async minor(): Promise<number> {
    const { minor = '' } = VERSION(await this.#send('GET', '/version')) ?? {};
    return Number.parseInt(minor, 10);
  }

  /** Undefined: it does not exist. */
  async read(object: ObjectRef): Promise<KubeObject | undefined> {
    const { path, right } = await this.#path(object, 'get');
    const answer = await orUndefined(this.#send('GET', path, { right }));
    return answer === undefined ? undefined : sameOrThrow(object, answer);
  }

  /** Reads the existing objects of untrusted references. A kind that the cluster does not have has no objects. */
  async readExisting(references: readonly ObjectRef[]): Promise<KubeObject[]> {
    const found = await Promise.all(
      references.map(async (reference) => {
        const resource = await orUndefined(this.resource(reference));
        const isPossible =
          resource !== undefined && resource.namespaced === (reference.metadata.namespace !== undefined);
        return isPossible ? this.read(reference) : undefined;
      }),
    );
    return found.filter((object) => object !== undefined);
  }

  /** Removes the namespace if the kind is cluster-scoped. */
  async settled<T extends KubeObject>(object: T): Promise<T> {
    const { namespaced } = await this.resource(object);
    const { namespace: _, ...metadata } = object.metadata;
    return namespaced ? object : { ...object, metadata };
  }

  /** Server-side apply: removes fields that kflow set before and does not set now; fields of other managers stay. */
  async apply(object: KubeObject, dryRun: boolean): Promise<KubeObject> {
    const { path, right } = await this.#path(object, 'patch');
    const query = `?fieldManager=${FIELD_MANAGER}&force=true${dryRun ? '&dryRun=All' : ''}`;
    // JSON is valid YAML.
    const sent = { body: object, type: 'application/apply-patch+yaml', right };
    return sameOrThrow(object, await this.#send('PATCH', path + query, sent));
  }

  /** False: it is gone already, or a new object has its name. Objects that it owns are deleted in the background. */
  async remove(object: KubeObject, dryRun: boolean): Promise<boolean> {
    const { path, right } = await this.#path(object, 'delete');
    const { uid } = object.metadata;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      ...(dryRun ? { dryRun: ['All'] } : {}),
    };
    try {
      await this.#send('DELETE', path, { body, right });
      return true;
    } catch (error) {
      if (error instanceof KubeError && (error.code === 'not-found' || error.status === 409)) return false;
      throw error;
    }
  }

  /** `query`: "?labelSelector=…" */
  async list(resource: Resource, namespace: string | undefined, query = ''): Promise<KubeObject[]> {
    const right = { verb: 'list', ...permissionFor(resource, namespace) };
    const path = collection(resource, namespace) + query;
    const found = await this.#send('GET', path, { right, maxBytes: MAX_API_PAGE_BYTES });
    // Only the list has the kind, not its items.
    const { apiVersion, kind } = resource;
    return listPage(found, resource.name).items.map((item) => kubeObject({ ...Object(item), apiVersion, kind }));
  }

  /** Lists the metadata of all objects. */
  async listMetadata(resource: Resource, namespace: string): Promise<ObjectMeta[]> {
    const right = { verb: 'list', ...permissionFor(resource, namespace) };
    const all: ObjectMeta[] = [];
    for (let next = '', page = 0; ; page++) {
      const token = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const path = `${collection(resource, namespace)}?limit=${PAGE_ITEMS}${token}`;
      const found = await this.#send('GET', path, { right, accept: METADATA_ONLY, maxBytes: MAX_API_PAGE_BYTES });
      const { items, next: following } = listPage(found, resource.name);
      all.push(...items.map((item) => objectMeta(Object(item).metadata)));
      if (following === '') return all;
      if (page >= MAX_PAGES) throw new KubeError('too-large', `more ${resource.name} than kflow can check`);
      next = following;
    }
  }

  async #path(object: ObjectRef, verb: string): Promise<{ path: string; right: Permission }> {
    const resource = await this.resource(object);
    const { name, namespace } = object.metadata;
    return {
      path: `${collection(resource, namespace)}/${encodeURIComponent(name)}`,
      right: { verb, ...permissionFor(resource, namespace) },
    };
  }

  #send(method: KubeRequest['method'], path: string, sent: Sent = {}): Promise<JsonObject> {
    const { right, ...request } = sent;
    return sendJson(this.#kube, { method, path, ...request }, right, this.#signal);
  }
}

function resourceOf(apiVersion: string, { name, kind, namespaced = false, verbs = [] }: Partial<Resource>): Resource[] {
  // A subresource is not a collection.
  if (name === undefined || kind === undefined || name.includes('/')) return [];
  return [{ apiVersion, name, kind, namespaced, verbs }];
}

/** The resource, group and namespace of a permission. */
export function permissionFor(resource: Resource, namespace: string | undefined): Omit<Permission, 'verb'> {
  const group = apiGroup(resource);
  return {
    resource: resource.name,
    ...(group === '' ? {} : { group }),
    ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
  };
}

/** Throws a KubeError if the response is another object than requested, because its labels would be misleading. */
function sameOrThrow(asked: ObjectRef, answer: unknown): KubeObject {
  const object = kubeObject(answer);
  if (isSameObject(object, asked)) return object;
  throw new KubeError('other', `the API server answered with another object than ${describeObject(asked)}`);
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof KubeError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** Encodes each part, so that no name can lead to another path. */
function rootOf(apiVersion: string): string {
  const path = apiVersion.split('/').map(encodeURIComponent).join('/');
  return apiVersion.includes('/') ? `/apis/${path}` : `/api/${path}`;
}

function collection(resource: Resource, namespace: string | undefined): string {
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${rootOf(resource.apiVersion)}${scope}/${encodeURIComponent(resource.name)}`;
}
