import { CorruptDataError } from './bytes.ts';
import { type Codec, type Decoder, type Encoder, VALUE_TYPE } from './codec.ts';
import { readFields } from './values.ts';

export interface FieldCodec<T> {
  /** The field's number in recordings. It never changes. */
  readonly number: number;
  readonly codec: Codec<T>;
}

export interface OptionalField<T> extends FieldCodec<T> {
  readonly optional: true;
}

/** Every property of T, so that the compiler finds a missing one when the model grows. */
export type Fields<T> = {
  readonly [Key in keyof T]-?: object extends Pick<T, Key>
    ? OptionalField<Exclude<T[Key], undefined>>
    : FieldCodec<T[Key]>;
};

export function required<T>(number: number, codec: Codec<T>): FieldCodec<T> {
  return { number, codec };
}

export function optional<T>(number: number, codec: Codec<T>): OptionalField<T> {
  return { number, codec, optional: true };
}

/** An object, stored as its changed properties. */
export interface MessageCodec<T> extends Codec<T> {
  writeBody(out: Encoder, base: T | undefined, value: T): void;
  readBody(input: Decoder, base: T | undefined): T;
}

type Bag = Record<string, unknown>;

export function message<T extends object>(fields: Fields<T>): MessageCodec<T> {
  const all = Object.entries<FieldCodec<unknown>>(fields as Record<string, FieldCodec<unknown>>).map(
    ([key, { number, codec, ...rest }]) => ({ key, number, codec, optional: 'optional' in rest }),
  );
  const byNumber = new Map(all.map((field) => [field.number, field]));
  const must = all.filter((field) => !field.optional);
  const codec: MessageCodec<T> = {
    write(out, field, base, value) {
      out.tag(field, VALUE_TYPE.message);
      codec.writeBody(out, base, value);
    },
    writeBody(out, base, value) {
      for (const { key, number, codec: inner } of all) {
        const before = (base as Bag | undefined)?.[key];
        const now = (value as Bag)[key];
        if (Object.is(before, now)) continue;
        if (now === undefined) out.tag(number, VALUE_TYPE.absent);
        else if (before === undefined || !inner.same?.(before, now)) inner.write(out, number, before, now);
      }
      out.end();
    },
    read(input, valueType, base) {
      let made: T | undefined;
      if (valueType === VALUE_TYPE.message) made = codec.readBody(input, base);
      if (made === undefined) throw new CorruptDataError('a message was expected');
      return made;
    },
    readBody(input, base) {
      let made: Bag = { ...base };
      const gone = new Set<string>();
      input.fields((number, valueType) => {
        const field = byNumber.get(number);
        if (field === undefined) return input.skip(valueType);
        const { key } = field;
        if (valueType !== VALUE_TYPE.absent)
          made[key] = field.codec.read(input, valueType, (base as Bag | undefined)?.[key]);
        else if (field.optional) gone.add(key);
        else throw new CorruptDataError(`without ${key}`);
      });
      if (gone.size > 0) made = Object.fromEntries(Object.entries(made).filter(([key]) => !gone.has(key)));
      if (base === undefined)
        for (const { key } of must) if (made[key] === undefined) throw new CorruptDataError(`without ${key}`);
      return made as T;
    },
  };
  return codec;
}

const LENGTH = 1;
const GAP = 2;
const MOVED = 3;
const FROM = 4;
const CHANGED = 5;
const FRESH = 6;

/**
 * A list, stored as its changes: an object that moved, one that changed (another object with the
 * same id), or a new one. `idOf` only makes it smaller: duplicate ids do no harm. `most`: the maximum number of items.
 */
export function list<T extends object>(
  item: MessageCodec<T>,
  idOf: (value: T) => unknown,
  most = Number.POSITIVE_INFINITY,
): Codec<readonly T[]> {
  return {
    same: (base, value) => base.length === value.length && value.every((one, i) => one === base[i]),
    write(out, field, base = [], value) {
      out.tag(field, VALUE_TYPE.message);
      if (value.length !== base.length) {
        out.tag(LENGTH, VALUE_TYPE.varint);
        out.bytes.varint(value.length);
      }
      let places: Map<unknown, number> | undefined;
      let next = 0;
      for (let i = 0; i < value.length; i++) {
        const one = value[i] as T;
        const before = base[i];
        if (one === before) continue;
        out.tag(GAP, VALUE_TYPE.varint);
        out.bytes.varint(i - next);
        next = i + 1;
        if (before !== undefined && idOf(before) === idOf(one)) {
          item.write(out, CHANGED, before, one);
          continue;
        }
        places ??= new Map(base.map((other, at) => [idOf(other), at]));
        const from = places.get(idOf(one));
        const old = from === undefined ? undefined : base[from];
        if (from === undefined || old === undefined) {
          item.write(out, FRESH, undefined, one);
          continue;
        }
        out.tag(old === one ? MOVED : FROM, VALUE_TYPE.varint);
        out.bytes.varint(from);
        if (old !== one) item.write(out, CHANGED, old, one);
      }
      out.end();
    },
    read(input, valueType, base = []) {
      // A field may come more than once.
      input.count(base.length);
      const made = base.slice();
      let length = base.length;
      let at = -1;
      let old: T | undefined;
      const put = (one: T) => {
        if (at >= 0 && at < made.length) made[at] = one;
        else if (at >= 0 && at === made.length && at < most) made.push(one);
        else throw new CorruptDataError('a gap in a list');
      };
      const oldAt = (place: number): T => {
        const one = base[place];
        if (one === undefined) throw new CorruptDataError('no such place in a list');
        return one;
      };
      readFields(input, valueType, (part, inner) => {
        if (part === LENGTH) length = input.varint(inner);
        else if (part === GAP) {
          at += input.varint(inner) + 1;
          old = base[at];
        } else if (part === MOVED) put(oldAt(input.varint(inner)));
        else if (part === FROM) old = oldAt(input.varint(inner));
        else if (part === CHANGED) {
          if (old === undefined) throw new CorruptDataError('no such place in a list');
          put(item.read(input, inner, old));
        } else if (part === FRESH) put(item.read(input, inner, undefined));
        else input.skip(inner);
      });
      if (length > made.length) throw new CorruptDataError('a gap in a list');
      made.length = length;
      return made;
    },
  };
}
