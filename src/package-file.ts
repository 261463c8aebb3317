import { fileURLToPath } from 'node:url';

/** Not the sources themselves are running. */
export const IS_BUILT = !import.meta.url.endsWith('.ts');

/** The package's folder is above the sources, and above the folder of each built program in dist/. */
const ROOT = new URL(IS_BUILT ? '../../' : '../', import.meta.url);

/** Where a file of this package is; `path` as in "proto". */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}
