/** The sign for an unknown value. */
export const UNKNOWN = '–';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
const COUNT_UNITS = ['', ' k', ' M', ' G', ' T', ' P', ' E'];

/** "0 B", "950 B", "1.21 MB": three digits, powers of 1000. At most 7 characters. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes)) return UNKNOWN;
  if (bytes > 0 && bytes < 1) return '<1 B';
  const { digits, power } = threeDigits(bytes, UNITS.length);
  return `${digits} ${UNITS[power]}`;
}

/** "1.21 MB/s". At most 9 characters. */
export function formatRate(bytesPerSecond: number | undefined): string {
  const text = formatBytes(bytesPerSecond);
  return text === UNKNOWN ? text : `${text}/s`;
}

/** "8,412": all digits. */
export function formatCount(count: number | undefined): string {
  if (count === undefined || !Number.isFinite(count)) return UNKNOWN;
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** "950", "8.41 k", "1.21 M": three digits, powers of 1000. At most 6 characters. */
export function formatShortCount(count: number | undefined): string {
  if (count === undefined || !Number.isFinite(count)) return UNKNOWN;
  const { digits, power } = threeDigits(count, COUNT_UNITS.length);
  return `${digits}${COUNT_UNITS[power]}`;
}

function threeDigits(amount: number, powers: number): { digits: string; power: number } {
  let value = Math.max(0, amount);
  let power = 0;
  // A value that rounds to 1000 is 1 of the next unit.
  while (value >= 999.5 && power < powers - 1) {
    value /= 1000;
    power++;
  }
  if (power === 0 || value >= 99.95) return { digits: Math.min(9999, value).toFixed(0), power };
  return { digits: value.toFixed(value >= 9.995 ? 1 : 2), power };
}

/** "0s", "59s", "5m12s", "3h07m", "2d04h", "400d". At most 6 characters; unit after each number. */
export function formatAge(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return UNKNOWN;
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
  const days = Math.floor(whole / 86_400);
  if (days < 100) return `${days}d${two(Math.floor((whole % 86_400) / 3600))}h`;
  return days < 100_000 ? `${days}d` : '>270y';
}

/** "12s", or "≥12s" if only the minimum is known. */
export function formatMinAge(seconds: number | undefined, isKnown: boolean): string {
  return `${isKnown || seconds === undefined ? '' : '≥'}${formatAge(seconds)}`;
}

/** A short duration: "850 µs", "12 ms", "1.20 s", "35 s". At most 6 characters below a day. */
export function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return UNKNOWN;
  const span = Math.max(0, seconds);
  if (span === 0) return '0 s';
  if (span < 0.000_999_5) return `${Math.max(1, Math.round(span * 1e6))} µs`;
  if (span < 0.9995) return `${Math.round(span * 1000)} ms`;
  if (span < 9.995) return `${Number(span.toFixed(2))} s`;
  return span < 59.5 ? `${Math.round(span)} s` : formatAge(Math.round(span));
}

/** A position in a recording: "0:07", "12:05", "1:02:03". */
export function formatPosition(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** 0.34 is "34%". Only 0 is shown as 0%, and only 1 as 100%. */
export function formatPercent(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return UNKNOWN;
  if (share > 0 && share < 0.01) return '<1%';
  if (share < 1 && share >= 0.995) return '99%';
  return `${Math.round(Math.max(0, share) * 100)}%`;
}

function two(value: number): string {
  return value.toString().padStart(2, '0');
}
