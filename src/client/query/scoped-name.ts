import type { FilterValue } from './field.ts';
import { pattern } from './pattern.ts';

/** A test of what has a namespace and a name, for "name" or "namespace/name". */
export function scopedName(
  value: FilterValue,
  loose: 'same' | 'begins',
): (namespace: string | undefined, name: string | undefined) => boolean {
  const slash = value.text.indexOf('/');
  const fits = pattern({ ...value, text: value.text.slice(slash + 1) }, loose);
  if (slash < 0) return (_, name) => fits(name);
  const fitsNamespace = pattern({ ...value, text: value.text.slice(0, slash) }, 'same');
  return (namespace, name) => fitsNamespace(namespace) && fits(name);
}
