/**
 * Limits that an agent and its clients share. Longer texts are cut by the decoder: no honest peer comes near these limits, and a peer's
 * texts are shown, kept in memory, and printed repeatedly.
 */

/** A node's name: a DNS name is not longer. */
export const MAX_NODE_NAME = 253;
export const MAX_VERSION = 128;
/** The path of a table. */
export const MAX_PATH = 1_024;
/** The reason of a failure. */
export const MAX_REASON = 2_048;
/** A line that could not be parsed: the contract says 200 bytes. */
export const MAX_SAMPLE = 256;
/** Paths that an agent tried for its table. It knows four. */
export const MAX_CANDIDATES = 64;
/** Seconds between polls: what the agent's own setting allows. */
export const MIN_INTERVAL_SECONDS = 0.05;
export const MAX_INTERVAL_SECONDS = 3_600;

/** All clients of an agent together: enough for 64 consoles, each with a stream and an occasional call. */
export const MAX_STREAMS = 64;
export const MAX_CONNECTIONS = 64;
/** A console has one stream, and makes one call at a time. */
export const MAX_STREAMS_PER_CONNECTION = 8;
/** Messages that a client has not read: of one stream, and of all. An agent uses 115 MiB without them, its pod may use 512. */
export const MAX_STREAM_QUEUED_BYTES = 256 * 1024;
export const MAX_QUEUED_BYTES = 24 * 1024 * 1024;
/** A user who suspends a console, or pages through its output, reads again within this time. */
export const MIN_UNREAD_MS = 60_000;

/** A poll that reads more is not reading a conntrack table: a line has 190 bytes, and a table may grow while it is read. */
export const MAX_LINE_SHARE_BYTES = 512;
export const MAX_GROWTH_RATIO = 1.1;
export const MAX_SPARE_LINES = 4_096;
/** Bytes per second, 70 Tbit/s: no machine has such traffic. A counter that jumps so did not count one connection. */
export const MAX_RATE = 2 ** 43;

/** A kernel always delivers lines, even if slowly. */
export const MAX_SILENT_POLL_MS = 5_000;

/** At most this many UTF-16 units, with "…" if the text was cut; no half of a character. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text[most - 2] ?? '') ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}
