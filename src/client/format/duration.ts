const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Parses a duration in kubectl's format into milliseconds, also with days: "500ms", "1m30s", "2d", or a number of seconds. Undefined for anything
 * else.
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/i.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/gi))
    total += Number(number) * (UNITS[unit.toLowerCase()] ?? 0);
  return total;
}
