import type { Timestamp, Timestamp__Output } from './gen/google/protobuf/Timestamp.ts';

/** From unix time in milliseconds. */
export function encodeTimestamp(milliseconds: number): Timestamp {
  const whole = Math.round(milliseconds);
  const seconds = Math.floor(whole / 1000);
  return { seconds, nanos: (whole - seconds * 1000) * 1_000_000 };
}

/** What a Date can be. */
const MAX_TIME_MS = 8.64e15;

/** To unix time in milliseconds. Undefined if it is unset, or no time that a running system can report. */
export function decodeTimestamp(time: Timestamp__Output | null | undefined): number | undefined {
  const milliseconds = (time?.seconds ?? 0) * 1000 + Math.round((time?.nanos ?? 0) / 1_000_000);
  return milliseconds > 0 && milliseconds <= MAX_TIME_MS ? milliseconds : undefined;
}
