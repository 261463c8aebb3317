/** Numbers that are the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(most: number): number {
    return Math.floor(this.next() * most);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

/** What often is a border, in all of the formats. */
const PIECES = [
  ...[
    '',
    '\0',
    '\n',
    '\r\n',
    '\x1b',
    '\x1b[',
    '\x1b]52;c;',
    '{}',
    '[]',
    'null',
    '-1',
    '0',
    '1e999',
    '"',
    "'",
    ':',
    ',',
  ],
  ...['4294967296', '18446744073709551616', '\u202e', '\ud83d\ude00', '\ufeff', '__proto__', '../'],
].map((text) => Buffer.from(text));
const BYTES = [0, 1, 0x7f, 0x80, 0xff];

/** One input after another: some changes of one of these. */
export function mutated(random: Random, corpus: readonly Buffer[], maxBytes: number): Buffer {
  let bytes = Buffer.from(random.of(corpus));
  for (let changes = 1 + random.below(6); changes > 0; changes--) {
    const at = random.below(bytes.length + 1);
    const to = Math.min(bytes.length, at + 1 + random.below(16));
    const [before, middle, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
    switch (random.below(6)) {
      case 0:
        bytes = Buffer.concat([before, Buffer.from(middle.map((byte) => byte ^ (1 << random.below(8)))), after]);
        break;
      case 1:
        bytes = Buffer.concat([before, after]);
        break;
      case 2:
        bytes = Buffer.concat([before, random.of(PIECES), bytes.subarray(at)]);
        break;
      case 3:
        bytes = Buffer.concat([before, ...Array.from({ length: 1 + random.below(8) }, () => middle), after]);
        break;
      case 4:
        bytes = Buffer.concat([before, random.of(corpus).subarray(random.below(64))]);
        break;
      default:
        bytes = Buffer.concat([before, Buffer.from([random.of(BYTES)]), after]);
    }
  }
  return bytes.subarray(0, maxBytes);
}

/** A shorter input with which it fails, too. */
export async function minimised(
  bytes: Buffer,
  fails: (bytes: Buffer) => Promise<boolean>,
  ms = 5_000,
): Promise<Buffer> {
  let best = bytes;
  const end = performance.now() + ms;
  for (let size = Math.ceil(bytes.length / 2); size >= 1 && performance.now() < end; ) {
    let isShorter = false;
    for (let at = 0; at < best.length && performance.now() < end; at += size) {
      const tried = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      if (!(await fails(tried))) continue;
      best = tried;
      isShorter = true;
      break;
    }
    if (!isShorter) size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return best;
}
