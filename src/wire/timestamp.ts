import type { Timestamp, Timestamp__Output } from './gen/google/protobuf/Timestamp.ts';

/** From unix time in milliseconds. */
export function encodeTimestamp(milliseconds: number): Timestamp {
  const whole = Math.round(milliseconds);
  const seconds = Math.floor(whole / 1000);
  return { seconds, nanos: (whole - seconds * 1000) * 1_000_000 };
}

/** To unix time in milliseconds; 0 where it is unset. */
export function decodeTimestamp(time: Timestamp__Output | null | undefined): number {
  return (time?.seconds ?? 0) * 1000 + Math.round((time?.nanos ?? 0) / 1_000_000);
}
