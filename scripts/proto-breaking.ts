/** Whether the contract still serves those who have the last release's: `buf breaking` against the last tag. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function lastTag(): string | undefined {
  try {
    const args = ['describe', '--tags', '--abbrev=0', '--match', 'v*'];
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

const tag = lastTag();
if (tag === undefined) process.stdout.write('proto: no release is tagged yet, so there is nothing that could break\n');
else {
  process.stdout.write(`proto: compared with ${tag}\n`);
  const buf = join(ROOT, 'node_modules/.bin/buf');
  try {
    execFileSync(buf, ['breaking', '--against', `.git#tag=${tag}`], { cwd: ROOT, stdio: 'inherit' });
  } catch {
    process.exitCode = 1;
  }
}
