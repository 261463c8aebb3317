import { type CleanText, cleanPath, cleanText, cleanTo, MAX_SENTENCE_LENGTH } from '../../format/sanitize.ts';
import { MAX_RECORDED_NOTICES } from '../../model/limits.ts';
import { CorruptDataError } from './bytes.ts';
import { type Codec, type Decoder, VALUE_TYPE } from './codec.ts';

/** Beyond this a difference is not exact, or its sign does not fit. */
const MAX_DIFFERENCE = 2 ** 51;
/** How many sanitized texts are cached. */
const MAX_REMEMBERED = 4_096;
/** The range of a Date. */
const MAX_TIME = 8.64e15;

/** Any number, exactly. Integers as the difference to the one before: counters grow by little. */
export const number: Codec<number> = {
  write(out, field, base = 0, value) {
    const from = Number.isSafeInteger(base) ? base : 0;
    const difference = value - from;
    if (Number.isSafeInteger(value) && !Object.is(value, -0) && Math.abs(difference) < MAX_DIFFERENCE) {
      out.tag(field, VALUE_TYPE.varint);
      out.bytes.varint(difference >= 0 ? difference * 2 : -difference * 2 - 1);
    } else {
      out.tag(field, VALUE_TYPE.float64);
      out.bytes.float64(value);
    }
  },
  read(input, valueType, base = 0) {
    if (valueType === VALUE_TYPE.float64) return input.bytes.float64();
    const code = input.varint(valueType);
    const difference = code % 2 === 0 ? code / 2 : -(code + 1) / 2;
    return (Number.isSafeInteger(base) ? base : 0) + difference;
  },
};

/** Unix milliseconds in the range of a Date. */
export const time: Codec<number> = {
  write: number.write,
  read(input, valueType, base) {
    const value = number.read(input, valueType, base);
    if (!(Math.abs(value) <= MAX_TIME)) throw new CorruptDataError('a time that cannot be');
    return value;
  },
};

export const boolean: Codec<boolean> = {
  write(out, field, _, value) {
    out.tag(field, VALUE_TYPE.varint);
    out.bytes.varint(value ? 1 : 0);
  },
  read: (input, valueType) => input.varint(valueType) !== 0,
};

/** Written only when true. */
export const trueFlag: Codec<true> = {
  write: (out, field, base, value) => boolean.write(out, field, base, value),
  read(input, valueType) {
    input.varint(valueType);
    return true;
  },
};

/** An identifier: it is compared, and never shown without sanitizing. */
export const text: Codec<string> = {
  write: (out, field, _, value) => out.text(field, value),
  read: (input, valueType) => input.text(valueType),
};

const asName = remembering(cleanText);
const asPath = remembering(cleanPath);
const asSentence = remembering((one) => cleanTo(one, MAX_SENTENCE_LENGTH));

/** Each distinct text of a recording is sanitized once. */
function remembering(clean: (text: string) => CleanText): (text: string) => CleanText {
  const known = new Map<string, CleanText>();
  return (text) => {
    let made = known.get(text);
    if (made !== undefined) return made;
    if (known.size >= MAX_REMEMBERED) known.clear();
    made = clean(text);
    known.set(text, made);
    return made;
  };
}

/** A name that is printed: it is sanitized again, because the file comes from outside. */
export const internedText: Codec<CleanText> = {
  write: text.write,
  read: (input, valueType) => asName(input.text(valueType)),
};

/** The same for paths and sentences. */
export const path: Codec<CleanText> = {
  write: text.write,
  read: (input, valueType) => asPath(input.text(valueType)),
};
export const messageText: Codec<CleanText> = {
  write: text.write,
  read: (input, valueType) => asSentence(input.text(valueType)),
};

export const internedTextList: Codec<readonly CleanText[]> = listOf(asName);
export const sentences: Codec<readonly CleanText[]> = listOf(asSentence, MAX_RECORDED_NOTICES);

function listOf(clean: (text: string) => CleanText, most = Number.POSITIVE_INFINITY): Codec<readonly CleanText[]> {
  return {
    same: (base, value) => base.length === value.length && base.every((one, i) => one === value[i]),
    write(out, field, _, value) {
      out.tag(field, VALUE_TYPE.message);
      for (const one of value) out.text(1, one);
      out.end();
    },
    read(input, valueType) {
      const found: CleanText[] = [];
      readFields(input, valueType, (_, inner) => {
        if (found.length >= most) throw new CorruptDataError('more texts than any list of them has');
        found.push(clean(input.text(inner)));
      });
      return found;
    },
  };
}

export const numberList: Codec<readonly number[]> = {
  same: (base, value) => base.length === value.length && base.every((one, i) => Object.is(one, value[i])),
  write(out, field, _, value) {
    out.tag(field, VALUE_TYPE.message);
    for (const one of value) number.write(out, 1, undefined, one);
    out.end();
  },
  read(input, valueType) {
    const found: number[] = [];
    readFields(input, valueType, (_, inner) => found.push(number.read(input, inner, undefined)));
    return found;
  },
};

/** One of a few values, stored as its index: new values must be added at the end. */
export function enumOf<T extends string | number>(...values: readonly T[]): Codec<T> {
  return {
    write(out, field, _, value) {
      out.tag(field, VALUE_TYPE.varint);
      out.bytes.varint(values.indexOf(value));
    },
    read(input, valueType) {
      const value = values[input.varint(valueType)];
      if (value === undefined) throw new CorruptDataError('a value that this version does not know');
      return value;
    },
  };
}

/** Numbers by name. */
export const numbers: Codec<Readonly<Record<string, number>>> = {
  same: (base, value) => {
    const [a, b] = [Object.entries(base), Object.entries(value)];
    return a.length === b.length && a.every(([key, one], i) => key === b[i]?.[0] && Object.is(one, b[i]?.[1]));
  },
  write(out, field, base, value) {
    const before = new Map(Object.entries(base ?? {}));
    out.tag(field, VALUE_TYPE.message);
    for (const [key, one] of Object.entries(value)) {
      out.text(1, key);
      number.write(out, 2, before.get(key), one);
    }
    out.end();
  },
  read(input, valueType, base) {
    const before = new Map(Object.entries(base ?? {}));
    input.count(before.size);
    const found: [string, number][] = [];
    let key = '';
    readFields(input, valueType, (field, inner) => {
      if (field === 1) key = cleanText(input.text(inner));
      else if (field === 2) found.push([key, number.read(input, inner, before.get(key))]);
      else input.skip(inner);
    });
    return Object.fromEntries(found);
  },
};

export function readFields(input: Decoder, valueType: number, take: (field: number, valueType: number) => void): void {
  if (valueType !== VALUE_TYPE.message) throw new CorruptDataError('a message was expected');
  input.fields(take);
}
