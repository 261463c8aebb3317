const MAX_BYTES = 200;
const decoder = new TextDecoder();

/** Formats an unparsed line for display: at most 200 bytes, without control sequences for a terminal. */
export function formatLineSample(bytes: Uint8Array, start: number, end: number): string {
  const text = decoder.decode(bytes.subarray(start, Math.min(end, start + MAX_BYTES)));
  let shown = '';
  let length = 0;
  for (const character of text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd')) {
    length += Buffer.byteLength(character);
    if (length > MAX_BYTES) break;
    shown += character;
  }
  return shown;
}
