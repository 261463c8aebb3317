import { type CleanText, cleanText } from '../format/sanitize.ts';
import { sendJson } from './api-request.ts';
import type { KubeClient } from './config.ts';
import { KubeError, type Permission } from './errors.ts';
import { flag, record, text } from './json-readers.ts';

const ALLOWED = record({ status: record({ allowed: flag }) });
const USER = record({ status: record({ userInfo: record({ username: text }) }) });

/** A permission and the object that it is needed for. Absent: all objects. */
export interface RequiredPermission extends Permission {
  readonly name?: string;
}

/** The permissions that the user lacks. If the cluster does not reply to the question, they count as granted. */
export async function missingPermissions<T extends RequiredPermission>(
  kube: KubeClient,
  needs: readonly T[],
  signal: AbortSignal,
): Promise<T[]> {
  const granted = await Promise.all(needs.map((need) => isGranted(kube, need, signal)));
  return needs.filter((_, index) => !granted[index]);
}

async function isGranted(
  kube: KubeClient,
  { verb, group, resource, namespace, name }: RequiredPermission,
  signal: AbortSignal,
) {
  const [main = '', subresource] = resource.split('/');
  // For RBAC a namespace is inside itself: its administrators may read it.
  const scope = main === 'namespaces' ? name : namespace;
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb, group, resource: main, subresource, namespace: scope, name } },
  };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  try {
    const review = await sendJson(kube, { method: 'POST', path, body }, undefined, signal);
    return ALLOWED(review)?.status?.allowed === true;
  } catch (error) {
    // The request itself then reports a missing permission.
    if (error instanceof KubeError && (error.code === 'forbidden' || error.code === 'not-found')) return true;
    throw error;
  }
}

/** The user's name in RBAC; undefined if the cluster does not report it. */
export async function whoAmI(kube: KubeClient, signal: AbortSignal): Promise<CleanText | undefined> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  try {
    const review = await sendJson(kube, { method: 'POST', path, body }, undefined, signal);
    const name = USER(review)?.status?.userInfo?.username;
    return name === undefined ? undefined : cleanText(name);
  } catch (error) {
    if (error instanceof KubeError && error.code !== 'unreachable') return undefined;
    throw error;
  }
}

/** What an administrator has to grant: a line for each resource, and the kind of role. */
export function describeMissingPermissions(missing: readonly RequiredPermission[], user: string | undefined): string {
  const rows = new Map<string, { resource: string; namespace: string; verbs: string[] }>();
  for (const { verb, resource, group, namespace } of missing) {
    const row = {
      resource: group === undefined ? resource : `${resource}.${group}`,
      namespace: namespace ?? '(cluster)',
      verbs: [verb],
    };
    const known = rows.get(`${row.resource} ${row.namespace}`);
    if (known === undefined) rows.set(`${row.resource} ${row.namespace}`, row);
    else if (!known.verbs.includes(verb)) known.verbs.push(verb);
  }
  const lines = [
    ['RESOURCE', 'NAMESPACE', 'VERBS'],
    ...[...rows.values()].map(({ resource, namespace, verbs }) => [resource, namespace, verbs.join(',')]),
  ];
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  const table = lines.map(
    (line) => `  ${[0, 1].map((column) => line[column]?.padEnd(width(column))).join('   ')}   ${line[2]}`,
  );
  const who = user === undefined ? 'you do' : `user "${user}" does`;
  const scopes = new Set(missing.map(({ namespace }) => (namespace === undefined ? 'ClusterRole' : 'Role')));
  return [
    `${who} not have all the permissions that this needs. Missing, in the terms of RBAC:`,
    ...table,
    `An administrator can grant them with a ${[...scopes].join(' and a ')}, or do this for you.`,
  ].join('\n');
}
