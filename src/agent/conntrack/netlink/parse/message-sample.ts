/** Twice as many characters, beside how long the message is. */
const MAX_BYTES = 80;

/** Of a message that was not understood, what can be shown: its beginning, in hexadecimal. */
export function formatMessageSample(view: DataView, start: number, end: number): string {
  let text = '';
  for (let at = start; at < Math.min(end, start + MAX_BYTES); at++)
    text += view.getUint8(at).toString(16).padStart(2, '0');
  return `message of ${end - start} bytes: ${text}`;
}
