import type { KubeClient } from '../kubernetes/config.ts';
import { KubeError } from '../kubernetes/errors.ts';
import { missingPermissions, type RequiredPermission } from '../kubernetes/permissions.ts';
import type { Diagnosis } from './diagnose.ts';

/** Marks commands that this user has no permission to run: an administrator has to run them. */
export async function markForbidden(
  kube: KubeClient,
  found: readonly Diagnosis[],
  signal: AbortSignal,
): Promise<readonly Diagnosis[]> {
  const needs = new Map(
    found.flatMap(({ command }) => (command?.needs ?? []).map((need) => [permissionKey(need), need] as const)),
  );
  let missing: ReadonlySet<string>;
  try {
    missing = new Set((await missingPermissions(kube, [...needs.values()], signal)).map(permissionKey));
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    // The API server replied a moment ago. The command itself will report an error.
    return found;
  }
  return found.map((finding) => {
    const { command } = finding;
    if (command === undefined || !command.needs.some((need) => missing.has(permissionKey(need)))) return finding;
    return { ...finding, command: { ...command, where: 'ask an administrator to run' } };
  });
}

function permissionKey({ verb, group, resource, namespace, name }: RequiredPermission): string {
  return JSON.stringify([verb, group, resource, namespace, name]);
}
