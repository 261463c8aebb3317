/** The sample has two characters per byte, and the length of the message. */
const MAX_BYTES = 80;

/** Formats the beginning of an unparsed message as hexadecimal, for display. */
export function formatMessageSample(view: DataView, start: number, end: number): string {
  let text = '';
  for (let at = start; at < Math.min(end, start + MAX_BYTES); at++)
    text += view.getUint8(at).toString(16).padStart(2, '0');
  return `message of ${end - start} bytes: ${text}`;
}
