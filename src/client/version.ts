import { readFileSync } from 'node:fs';

/** The version of this program, from the package that it is part of. */
export function version(): string {
  // The same way up from src/client and from dist/client.
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
