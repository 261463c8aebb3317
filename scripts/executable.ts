/**
 * Makes the built programs executable. npm does it too, but only when it links them: `npx kflow` in a checkout whose `dist`
 * was rebuilt since would end with "Permission denied".
 */
import { chmodSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { bin } = JSON.parse(readFileSync(file('package.json'), 'utf8')) as { bin: Record<string, string> };
for (const program of new Set(Object.values(bin))) chmodSync(file(program), 0o755);
