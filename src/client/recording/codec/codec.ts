import { MAX_FRAME_ELEMENTS, MAX_RECORDED_TEXT } from '../../model/limits.ts';
import { ByteReader, ByteWriter, CorruptDataError } from './bytes.ts';

/**
 * How a value is stored: the low bits of its tag, so that a reader can skip unknown fields. Each
 * text and each shared object gets the next number of its kind when it is first written, and is replaced by that number from then
 * on: also where a reader steps over it.
 */
export const VALUE_TYPE = { absent: 1, varint: 2, float64: 3, text: 4, message: 5, shared: 6 } as const;
/** Ends a message. */
const END = 0;
const VALUE_TYPE_BITS = 8;
const MAX_DEPTH = 32;

/** Stores one kind of value as the difference to the previous one. */
export interface Codec<T> {
  /** Nothing needs to be stored: the reader has `base`. */
  same?(base: T, value: T): boolean;
  write(out: Encoder, field: number, base: T | undefined, value: T): void;
  read(input: Decoder, valueType: number, base: T | undefined): T;
}

/** The output, with the numbers of texts and shared objects. */
export class Encoder {
  readonly bytes = new ByteWriter();
  #texts = new Map<string, number>();
  #shared = new Map<object, number>();

  tag(field: number, valueType: number): void {
    this.bytes.varint(field * VALUE_TYPE_BITS + valueType);
  }

  end(): void {
    this.bytes.byte(END);
  }

  text(field: number, text: string): void {
    const known = this.#texts.get(text);
    this.tag(field, known === undefined ? VALUE_TYPE.text : VALUE_TYPE.varint);
    if (known !== undefined) {
      this.bytes.varint(known);
      return;
    }
    this.bytes.utf8(text);
    this.#texts.set(text, this.#texts.size);
  }

  /** Calls `write` for an object that was not written before. */
  shared(field: number, object: object, write: () => void): void {
    const known = this.#shared.get(object);
    this.tag(field, known === undefined ? VALUE_TYPE.shared : VALUE_TYPE.varint);
    if (known !== undefined) {
      this.bytes.varint(known);
      return;
    }
    write();
    this.#shared.set(object, this.#shared.size);
  }

  /** Continues with the numbers of another encoder: those of a keyframe. */
  adopt(other: Encoder): void {
    this.#texts = other.#texts;
    this.#shared = other.#shared;
  }
}

/** Reads the output of an Encoder. */
export class Decoder {
  readonly bytes: ByteReader;
  readonly #texts: string[];
  readonly #shared: Shared;
  readonly #numbered: InternTable;
  #depth = 0;
  #elements = 0;

  constructor(payload: Buffer, numbered: InternTable) {
    this.bytes = new ByteReader(payload);
    this.#texts = numbered.texts;
    this.#shared = numbered.shared;
    this.#numbered = numbered;
  }

  /** Counts elements that need no bytes of their own: a few bytes can mean "the same again". */
  count(elements: number): void {
    this.#elements += elements;
    if (this.#elements > MAX_FRAME_ELEMENTS) throw new CorruptDataError('it has more elements than any frame');
  }

  /** Calls back for each field of a message, until its end. */
  fields(take: (field: number, valueType: number) => void): void {
    if (++this.#depth > MAX_DEPTH) throw new CorruptDataError('nested too deeply');
    for (let tag = this.bytes.varint(); tag !== END; tag = this.bytes.varint()) {
      this.count(1);
      take(Math.floor(tag / VALUE_TYPE_BITS), tag % VALUE_TYPE_BITS);
    }
    this.#depth--;
  }

  varint(valueType: number): number {
    if (valueType !== VALUE_TYPE.varint) throw new CorruptDataError('a value of another kind was expected');
    return this.bytes.varint();
  }

  text(valueType: number): string {
    if (valueType === VALUE_TYPE.text) {
      const text = this.bytes.utf8();
      this.#numbered.characters += text.length;
      if (this.#numbered.characters > MAX_RECORDED_TEXT)
        throw new CorruptDataError('it has more texts than any recording');
      this.#texts.push(text);
      return text;
    }
    const text = this.#texts[this.varint(valueType)];
    if (text === undefined) throw new CorruptDataError('a text that was never written');
    return text;
  }

  shared(valueType: number): object {
    if (valueType === VALUE_TYPE.shared) {
      const object = this.#shared.read(this);
      this.#shared.objects.push(object);
      return object;
    }
    const object = this.#shared.objects[this.varint(valueType)];
    if (object === undefined) throw new CorruptDataError('an object that was never written');
    return object;
  }

  /** Skips the value of a field from a newer version. */
  skip(valueType: number): void {
    if (valueType === VALUE_TYPE.absent) return;
    if (valueType === VALUE_TYPE.varint) this.bytes.varint();
    else if (valueType === VALUE_TYPE.float64) this.bytes.float64();
    else if (valueType === VALUE_TYPE.text) this.text(valueType);
    else if (valueType === VALUE_TYPE.message) this.fields((_, inner) => this.skip(inner));
    else if (valueType === VALUE_TYPE.shared) this.shared(valueType);
    else throw new CorruptDataError('a value of no known kind');
  }
}

interface Shared {
  readonly objects: object[];
  read: (input: Decoder) => object;
}

/** The numbered texts and shared objects. */
export interface InternTable {
  readonly texts: string[];
  readonly shared: Shared;
  /** The total length of these texts. */
  characters: number;
}
