/** No file of 16 MiB without aliases has more. */
const MAX_YAML_NODES = 10_000_000;
const CHARACTERS_PER_NODE = 64;

/**
 * Throws if a document's aliases expand to more than any file contains. Aliases can be nested, so some hundred bytes
 * can expand to gigabytes.
 */
export function refuseAliasBomb(document: unknown, most = MAX_YAML_NODES): void {
  let count = 0;
  const open: unknown[] = [document];
  while (open.length > 0) {
    const value = open.pop();
    count += 1 + (typeof value === 'string' ? value.length / CHARACTERS_PER_NODE : 0);
    if (count > most) throw new Error('its aliases expand to too much data');
    if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) open.push(part);
  }
}
