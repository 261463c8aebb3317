import type { Timestamp, Timestamp__Output } from './gen/google/protobuf/Timestamp.ts';

/** Converts unix time in milliseconds. */
export function encodeTimestamp(milliseconds: number): Timestamp {
  const whole = Math.round(milliseconds);
  const seconds = Math.floor(whole / 1000);
  return { seconds, nanos: (whole - seconds * 1000) * 1_000_000 };
}

/** The maximum of a Date. */
const MAX_TIME_MS = 8.64e15;

/** Converts to unix time in milliseconds. Returns undefined if the time is unset or invalid. */
export function decodeTimestamp(time: Timestamp__Output | null | undefined): number | undefined {
  const milliseconds = (time?.seconds ?? 0) * 1000 + Math.round((time?.nanos ?? 0) / 1_000_000);
  return milliseconds > 0 && milliseconds <= MAX_TIME_MS ? milliseconds : undefined;
}
