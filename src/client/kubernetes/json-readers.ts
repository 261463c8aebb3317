/**
 * Decoders for JSON from outside: a value of another type is absent, so that later code never gets a number in place of a text.
 */
export type Reader<T> = (value: unknown) => T | undefined;
/** The result type of a reader. */
export type Read<R> = R extends Reader<infer T> ? T : never;

export const text: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);
/** A text of limited length: a longer one is absent. */
export const shortText =
  (most: number): Reader<string> =>
  (value) =>
    typeof value === 'string' && value.length <= most ? value : undefined;
/** An object's uid: 36 characters by Kubernetes. It is kept. */
export const uid: Reader<string> = shortText(128);
export const number: Reader<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
export const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

type Fields = Readonly<Record<string, Reader<unknown>>>;
type Partly<F extends Fields> = { readonly [K in keyof F]?: Read<F[K]> };

/** An object: only these fields, each decoded by its reader. */
export function record<F extends Fields>(fields: F): Reader<Partly<F>> {
  const readers = Object.entries(fields);
  return (value) => {
    if (!isRecord(value)) return undefined;
    const read: Record<string, unknown> = {};
    for (const [key, reader] of readers) {
      const found = Object.hasOwn(value, key) ? reader(value[key]) : undefined;
      if (found !== undefined) read[key] = found;
    }
    return read as Partly<F>;
  };
}

/** A list: items of another type, and items beyond `most`, are left out. */
export function list<T>(item: Reader<T>, most = Number.POSITIVE_INFINITY): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    return (value.length > most ? value.slice(0, most) : value).map(item).filter((one) => one !== undefined);
  };
}

/** Values by any keys. */
export function map<T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value) => {
    if (!isRecord(value)) return undefined;
    const read: [string, T][] = [];
    for (const [key, each] of Object.entries(value)) {
      const found = item(each);
      if (found !== undefined) read.push([key, found]);
    }
    return Object.fromEntries(read);
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
