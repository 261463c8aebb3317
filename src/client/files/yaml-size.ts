/** What a file of 16 MiB may have without aliases. */
const MAX_YAML_NODES = 10_000_000;
const CHARACTERS_PER_NODE = 64;

/**
 * Throws where a document's aliases make more of it than any file has: each may stand for all that is behind it, so some hundred bytes
 * become as many gigabytes once they are written out.
 */
export function refuseAliasBomb(document: unknown, most = MAX_YAML_NODES): void {
  let count = 0;
  const open: unknown[] = [document];
  while (open.length > 0) {
    const value = open.pop();
    count += 1 + (typeof value === 'string' ? value.length / CHARACTERS_PER_NODE : 0);
    if (count > most) throw new Error('its aliases stand for too much');
    if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) open.push(part);
  }
}
