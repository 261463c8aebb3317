/**
 * Limits that an agent and its clients share. What is longer is cut where it is read: no honest peer comes near, and what a peer
 * says is shown on a screen, kept, and printed again and again.
 */

/** Of a node's name: a DNS name is no longer. */
export const MAX_NODE_NAME = 253;
export const MAX_VERSION = 128;
/** Of the path of a table. */
export const MAX_PATH = 1_024;
/** Of words that say why something failed. */
export const MAX_REASON = 2_048;
/** Of a line that was not understood: the contract says 200 bytes. */
export const MAX_SAMPLE = 256;
/** Places where an agent looked for its table. It knows four. */
export const MAX_CANDIDATES = 64;
/** Seconds between polls: what the agent's own setting allows. */
export const MIN_INTERVAL_SECONDS = 0.05;
export const MAX_INTERVAL_SECONDS = 3_600;

/** At most so many UTF-16 units, with a mark where some were left out; no half of a character. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text[most - 2] ?? '') ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}
