/** `npm run screens`: writes the screens that tests compare with, after a change that is meant. Needs tmux. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { SIZES, screens } from '../test/terminal/fixed/screens.ts';

const folder = new URL('../test/fixtures/screens/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [width, height] of SIZES)
  for (const { file, text } of await screens(width, height)) writeFileSync(new URL(file, folder), text);
