import { list, record, text } from '../kubernetes/json-readers.ts';
import type { KubeObject } from './manifest.ts';

/** Tools that apply objects by themselves, again and again: what kflow changes they change back, or report as drift. */
export type Manager = 'Argo CD' | 'Flux' | 'Helm';

const MANAGER_KEYS: readonly (readonly [string, Manager])[] = [
  ['argocd.argoproj.io/tracking-id', 'Argo CD'],
  ['argocd.argoproj.io/instance', 'Argo CD'],
  ['kustomize.toolkit.fluxcd.io/name', 'Flux'],
  ['helm.toolkit.fluxcd.io/name', 'Flux'],
  ['meta.helm.sh/release-name', 'Helm'],
];
const FIELD_MANAGERS: Readonly<Record<string, Manager>> = {
  'argocd-controller': 'Argo CD',
  'argocd-application-controller': 'Argo CD',
  'kustomize-controller': 'Flux',
  'helm-controller': 'Flux',
  helm: 'Helm',
};
const FIELDS = list(record({ manager: text, subresource: text }));

/** Which tool manages the object, by the marks that it leaves: labels, annotations, and the fields that it owns. */
export function managerOf({ metadata }: KubeObject): Manager | undefined {
  const { labels = {}, annotations = {} } = metadata;
  for (const [key, manager] of MANAGER_KEYS) if (key in labels || key in annotations) return manager;
  if (labels['app.kubernetes.io/managed-by'] === 'Helm') return 'Helm';
  for (const { manager = '', subresource = '' } of FIELDS(metadata.managedFields) ?? []) {
    // Who writes the status alone does not say what the object should be.
    const known = subresource === '' && Object.hasOwn(FIELD_MANAGERS, manager) ? FIELD_MANAGERS[manager] : undefined;
    if (known !== undefined) return known;
  }
  return undefined;
}
