import type { Field } from './field.ts';
import { age } from './fields/age.ts';
import { assured } from './fields/assured.ts';
import { bytes } from './fields/bytes.ts';
import { disputed } from './fields/disputed.ts';
import { family } from './fields/family.ts';
import { incomplete } from './fields/incomplete.ts';
import { ip } from './fields/ip.ts';
import { kind } from './fields/kind.ts';
import { mark } from './fields/mark.ts';
import { name } from './fields/name.ts';
import { namespace } from './fields/namespace.ts';
import { node } from './fields/node.ts';
import { offloaded } from './fields/offloaded.ts';
import { packets } from './fields/packets.ts';
import { pod } from './fields/pod.ts';
import { port } from './fields/port.ts';
import { protocol } from './fields/protocol.ts';
import { rate } from './fields/rate.ts';
import { replied } from './fields/replied.ts';
import { service } from './fields/service.ts';
import { stale } from './fields/stale.ts';
import { state } from './fields/state.ts';
import { unanswered } from './fields/unanswered.ts';
import { workload } from './fields/workload.ts';
import { zone } from './fields/zone.ts';

/** All fields, in the order of the help. */
export const FIELDS: readonly Field[] = [
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

export function fieldNamed(text: string): Field | undefined {
  return BY_NAME.get(text.toLowerCase());
}
