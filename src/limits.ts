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

/** Of all clients of an agent together: 64 consoles fit, each with a stream and a question now and then. */
export const MAX_STREAMS = 64;
export const MAX_CONNECTIONS = 64;
/** A console has one stream, and asks one question at a time. */
export const MAX_STREAMS_PER_CONNECTION = 8;
/** Of messages that a client has not read: of one stream, and of all. An agent has 115 MiB beside them, its pod 512. */
export const MAX_STREAM_QUEUED_BYTES = 256 * 1024;
export const MAX_QUEUED_BYTES = 24 * 1024 * 1024;
/** Somebody who stops a console, or pages through its output, reads on some time. */
export const MIN_UNREAD_MS = 60_000;

/** A poll that finds more is not reading a conntrack table: a line is 190 bytes, and a table grows while it is read. */
export const MAX_LINE_SHARE_BYTES = 512;
export const MAX_GROWTH_RATIO = 1.1;
export const MAX_SPARE_LINES = 4_096;
/** A kernel prints lines steadily, if slowly. */
export const MAX_SILENT_POLL_MS = 5_000;

/** At most so many UTF-16 units, with a mark where some were left out; no half of a character. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text[most - 2] ?? '') ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}
