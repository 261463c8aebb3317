import { KubeError } from '../kubernetes/errors.ts';
import { isRecord, list, map, type Reader, record, text } from '../kubernetes/json-readers.ts';
import type { KubeObject, ObjectMeta } from './manifest.ts';

/** Keeps the whole owner reference, for callers that need more than the uid. */
const owner: Reader<{ readonly uid: string }> = (value) =>
  isRecord(value) && typeof value.uid === 'string' ? { ...value, uid: value.uid } : undefined;

const META = record({
  name: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  labels: map(text),
  annotations: map(text),
  ownerReferences: list(owner),
});

/** Decodes an object in a response. Throws a KubeError if it is not one. */
export function kubeObject(answer: unknown): KubeObject {
  const { apiVersion, kind, metadata, ...fields } = isRecord(answer) ? answer : {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw invalidObjectError('an object without a kind');
  return { ...fields, apiVersion, kind, metadata: objectMeta(metadata) };
}

/** Decodes the metadata of any object: other fields are unchanged. Throws a KubeError if it has no name. */
export function objectMeta(metadata: unknown): ObjectMeta {
  const { name, ...read } = META(metadata) ?? {};
  if (name === undefined || !isRecord(metadata)) throw invalidObjectError('an object without a name');
  const others = Object.fromEntries(Object.entries(metadata).filter(([key]) => !KNOWN.has(key)));
  return { ...others, ...read, name };
}

const KNOWN = new Set(['name', 'namespace', 'uid', 'resourceVersion', 'labels', 'annotations', 'ownerReferences']);

function invalidObjectError(what: string): KubeError {
  return new KubeError('other', `the API server answered with ${what}`);
}
