import { readFileSync } from 'node:fs';
import { packageFile } from './package-file.ts';

/** The version of this program, from the package that it is part of. */
export function version(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
