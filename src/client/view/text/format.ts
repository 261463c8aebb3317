const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
export const UNKNOWN_TEXT = '–';

/** "0 B", "950 B", "1.21 GB": three digits, powers of 1000. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes)) return UNKNOWN_TEXT;
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const text = unit === 0 || value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
  return `${text} ${UNITS[unit]}`;
}

export function formatRate(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? UNKNOWN_TEXT : `${formatBytes(bytesPerSecond)}/s`;
}

/** "8,412" */
export function formatCount(count: number | undefined): string {
  return count === undefined ? UNKNOWN_TEXT : count.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** "0.8 s", "42 s", "3 m 12 s", "5 h 02 m", "3 d 04 h" */
export function formatAge(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return UNKNOWN_TEXT;
  const whole = Math.max(0, Math.floor(seconds));
  if (seconds < 9.95 && seconds !== whole) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} m`;
  return `${Math.floor(whole / 86_400)} d ${pad(Math.floor((whole % 86_400) / 3600))} h`;
}

/** 0.34 → "34%" */
export function formatShare(share: number | undefined): string {
  return share === undefined || !Number.isFinite(share) ? UNKNOWN_TEXT : `${Math.round(share * 100)}%`;
}

function pad(value: number): string {
  return value.toString().padStart(2, '0');
}
