import type { V1DaemonSet } from '@kubernetes/client-node';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { refuseAliasBomb } from '../files/yaml-size.ts';
import { singleLine } from '../kubernetes/errors.ts';
import { MAX_INSTALLED_OBJECTS } from '../model/limits.ts';

/** An object of the Kubernetes API, of any kind. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly uid: string }[];
  readonly [field: string]: unknown;
}

export type DaemonSetObject = KubeObject & Pick<V1DaemonSet, 'spec' | 'status'>;

export interface Manifest {
  readonly objects: readonly KubeObject[];
  /** The agents' DaemonSet: the only one of `objects` that kflow changes. */
  readonly agents: DaemonSetObject;
}

export type ParsedManifest = ({ readonly ok: true } & Manifest) | { readonly ok: false; readonly reason: string };

/** The label by which kflow finds the agents' pods. */
export const APP_LABEL = 'kflow-daemon';

/** Parses YAML (or JSON) of one or several documents, including Lists. The reason names the invalid document. */
export function parseManifest(text: string): ParsedManifest {
  let documents: unknown[];
  try {
    // Parsed as kubectl does (0644 is octal). client-node would drop fields that its own version does not know.
    documents = loadAll(text, { schema: YAML11_SCHEMA });
    refuseAliasBomb(documents);
  } catch (error) {
    return rejected(`it is not YAML: ${singleLine((error as Error).message)}`);
  }
  const objects: KubeObject[] = [];
  for (const [index, document] of documents.entries()) {
    if (document === null || document === undefined) continue;
    for (const item of itemsOf(document)) {
      const fault = findError(item);
      if (fault !== undefined) return rejected(`its document ${index + 1} ${fault}`);
      objects.push(item as KubeObject);
    }
  }
  if (objects.length > MAX_INSTALLED_OBJECTS)
    return rejected(`it has ${objects.length} objects: ${MAX_INSTALLED_OBJECTS} at most`);
  const daemonSets = objects.filter(isAgentDaemonSet);
  const [agents] = daemonSets;
  if (agents === undefined) return rejected(`it has no DaemonSet whose pods have the label app=${APP_LABEL}`);
  if (daemonSets.length > 1)
    return rejected(`it has ${daemonSets.length} DaemonSets whose pods have the label app=${APP_LABEL}`);
  if (agentContainer(agents) === undefined) return rejected(`its DaemonSet ${agents.metadata.name} has no container`);
  return { ok: true, objects, agents };
}

/** Whether the object is a DaemonSet of kflow's agents. */
export function isAgentDaemonSet(object: KubeObject): object is DaemonSetObject {
  const { spec } = object as DaemonSetObject;
  return object.kind === 'DaemonSet' && spec?.template?.metadata?.labels?.app === APP_LABEL;
}

/** The agent's container: the one with that name, else the first. */
export function agentContainer({ spec }: DaemonSetObject) {
  const containers = spec?.template?.spec?.containers ?? [];
  return containers.find(({ name }) => name === 'agent') ?? containers[0];
}

function itemsOf(document: unknown): readonly unknown[] {
  const { kind, items } = document as { kind?: unknown; items?: unknown };
  return kind === 'List' && Array.isArray(items) ? items : [document];
}

function findError(document: unknown): string | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return 'is not an object';
  const { apiVersion, kind, metadata } = document as Partial<Record<string, unknown>>;
  if (typeof apiVersion !== 'string' || apiVersion === '') return 'has no apiVersion';
  if (typeof kind !== 'string' || kind === '') return 'has no kind';
  const name = (metadata as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? undefined : `(${kind}) has no metadata.name`;
}

function rejected(reason: string): ParsedManifest {
  return { ok: false, reason };
}
