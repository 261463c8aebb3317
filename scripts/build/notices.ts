/** Names, versions and licences of the packages that a program contains, which go where it goes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)\b/i;

interface Described {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
  readonly author?: string | { readonly name?: string };
  readonly repository?: string | { readonly url?: string };
}

/** `folders`: of the packages. */
export function formatNotices(folders: readonly string[]): string {
  const about = 'This program contains parts of the packages below, each under its own licence.';
  return `${about}\n${folders.map((folder) => `\n${'-'.repeat(80)}\n${notice(folder)}`).join('')}`;
}

function notice(folder: string): string {
  const { name, version, ...about } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Described;
  const licence = textOf(about.license, 'type') ?? 'not named in its package.json';
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  const author = textOf(about.author, 'name');
  const known = [
    `${name} ${version}`,
    `Licence: ${licence}`,
    ...(author === undefined ? [] : [`Author: ${author}`]),
    ...(texts.length > 0
      ? []
      : [`Source: ${textOf(about.repository, 'url') ?? `https://www.npmjs.com/package/${name}`}`]),
  ];
  return `${[known.join('\n'), ...texts].join('\n\n')}\n`;
}

function textOf<Key extends string>(
  value: string | { readonly [K in Key]?: string } | undefined,
  key: Key,
): string | undefined {
  return typeof value === 'object' ? value[key] : value;
}
