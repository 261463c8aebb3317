const MAX_BYTES = 200;
const decoder = new TextDecoder();

/** Of a line that was not understood, what can be shown: at most 200 bytes, and none that steers a terminal. */
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
