/** How many bytes follow the first one of a character. */
export function continuationsOf(byte: number): number {
  if (byte >= 0xc2 && byte <= 0xdf) return 1;
  if (byte >= 0xe0 && byte <= 0xef) return 2;
  return byte >= 0xf0 && byte <= 0xf4 ? 3 : 0;
}

/** The character of these bytes; invalid or incomplete bytes become replacement characters. */
export function characterOf(bytes: readonly number[]): string {
  const [first = '', another] = Buffer.from(bytes).toString();
  return another === undefined ? first : '\ufffd';
}
