/**
 * `npm run screens`: shows how the screens that tests compare with would change, for review; `-- --write` writes them. Those of a real
 * terminal need tmux.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, exit, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { SIZES, screens } from '../test/terminal/fixed/screens.ts';
import { tmuxUnavailable } from '../test/terminal/tmux.ts';
import { STATES, styledScreen } from '../test/unit/client/tui/harness/styled-screens.ts';

const FOLDER = fileURLToPath(new URL('../test/fixtures/screens/', import.meta.url));
const made = mkdtempSync(join(tmpdir(), 'kflow-screens-'));
// A console that waits for keys keeps no process alive here.
const alive = setInterval(() => {}, 1_000);
try {
  cpSync(FOLDER, made, { recursive: true });
  rmSync(join(made, 'styled'), { recursive: true, force: true });
  mkdirSync(join(made, 'styled'));
  for (const name of Object.keys(STATES)) writeFileSync(join(made, 'styled', `${name}.txt`), await styledScreen(name));
  const unavailable = tmuxUnavailable();
  if (unavailable === undefined) {
    for (const [width, height] of SIZES)
      for (const { file, text } of await screens(width, height)) writeFileSync(join(made, file), text);
  } else stderr.write(`those of a real terminal are left as they are: ${unavailable}\n`);
  const colour = stdout.isTTY ? 'always' : 'never';
  const difference = spawnSync('git', ['diff', '--no-index', `--color=${colour}`, FOLDER, made], { encoding: 'utf8' });
  stdout.write(difference.stdout.replaceAll(`${made}/`, '/').replaceAll(FOLDER, '/'));
  if (difference.status === 0) stdout.write('the screens are as they were\n');
  else if (argv.includes('--write')) {
    rmSync(FOLDER, { recursive: true });
    cpSync(made, FOLDER, { recursive: true });
    stderr.write('written\n');
  } else {
    stderr.write('npm run screens -- --write writes them\n');
    process.exitCode = 1;
  }
} finally {
  clearInterval(alive);
  rmSync(made, { recursive: true, force: true });
}
exit();
