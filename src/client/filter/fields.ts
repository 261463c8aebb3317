import {
  age,
  assured,
  disputed,
  family,
  incomplete,
  mark,
  offloaded,
  protocol,
  replied,
  stale,
  state,
  unanswered,
  zone,
} from './connection-fields.ts';
import { ip, kind, name, namespace, node, pod, port, service, workload } from './endpoint-fields.ts';
import type { FilterField } from './field.ts';
import { bytes, packets, rate } from './traffic-fields.ts';

/** All fields, in the order of the help. */
export const FIELDS: readonly FilterField[] = [
  namespace,
  pod,
  workload,
  service,
  node,
  name,
  ip,
  port,
  protocol,
  state,
  kind,
  family,
  rate,
  bytes,
  packets,
  age,
  replied,
  unanswered,
  assured,
  offloaded,
  stale,
  incomplete,
  disputed,
  zone,
  mark,
];

const BY_NAME = new Map(FIELDS.flatMap((field) => field.names.map((one) => [one, field] as const)));

export function findField(text: string): FilterField | undefined {
  return BY_NAME.get(text.toLowerCase());
}
