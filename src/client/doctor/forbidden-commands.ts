import type { Kube } from '../kubernetes/config.ts';
import { KubeError } from '../kubernetes/errors.ts';
import { missingRights, type Need } from '../kubernetes/permissions.ts';
import type { Diagnosed } from './diagnose.ts';

/** Marks the commands that this user has no right to run: they are an administrator's. */
export async function markForbidden(
  kube: Kube,
  found: readonly Diagnosed[],
  signal: AbortSignal,
): Promise<readonly Diagnosed[]> {
  const needs = new Map(found.flatMap(({ next }) => (next?.needs ?? []).map((need) => [keyOf(need), need] as const)));
  let missing: ReadonlySet<string>;
  try {
    missing = new Set((await missingRights(kube, [...needs.values()], signal)).map(keyOf));
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    // It answered a moment ago. Whoever runs the command will see.
    return found;
  }
  return found.map((finding) => {
    const { next } = finding;
    if (next === undefined || !next.needs.some((need) => missing.has(keyOf(need)))) return finding;
    return { ...finding, next: { ...next, where: 'ask an administrator to run' } };
  });
}

function keyOf({ verb, group, resource, namespace, name }: Need): string {
  return JSON.stringify([verb, group, resource, namespace, name]);
}
