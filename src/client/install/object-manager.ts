import { list, record, text } from '../kubernetes/json-readers.ts';
import type { KubeObject } from './manifest.ts';

/** Tools that apply objects continuously: they would revert kflow's changes, or report them as drift. */
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

/** The tool that manages the object, found by labels, annotations and field managers. */
export function managerOf({ metadata }: KubeObject): Manager | undefined {
  const { labels = {}, annotations = {} } = metadata;
  for (const [key, manager] of MANAGER_KEYS) if (key in labels || key in annotations) return manager;
  if (labels['app.kubernetes.io/managed-by'] === 'Helm') return 'Helm';
  for (const { manager = '', subresource = '' } of FIELDS(metadata.managedFields) ?? []) {
    // A manager of the status only does not manage the object.
    const known = subresource === '' && Object.hasOwn(FIELD_MANAGERS, manager) ? FIELD_MANAGERS[manager] : undefined;
    if (known !== undefined) return known;
  }
  return undefined;
}
