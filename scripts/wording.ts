/**
 * Finds words that this project does not use: archaic, ambiguous, or with a standard term in their place. `npm run wording`
 * names each place; it is a part of `npm run lint`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { exit, stderr } from 'node:process';

/** A word or phrase, and what to write in its place. */
export const BANNED: readonly (readonly [pattern: string, instead: string])[] = [
  ['told', 'reported, said, shown'],
  ['reckon(s|ed|ing)?', 'calculate, expect'],
  ['anew', 'again'],
  ['besides', 'apart from, also'],
  ['dear', 'expensive'],
  ['whoever', 'anyone who, the caller'],
  ['so that none', 'so that no …'],
  ['ways', 'paths, directions'],
  ['lanes?', 'candidate path'],
  ['belongings', 'objects'],
  ['part(y|ies)', 'endpoint'],
  ['heed(s|ed)?', 'use'],
  ['midst', 'middle'],
  ['be it', 'whether or not'],
  ['but for', 'except for'],
  ['go(es)? on', 'continue'],
  ['of those that', 'of the ones that'],
  ['masquerade[sd]?(?! in eBPF)', 'source NAT, snat'],
  ['talkers?', 'workload'],
  ['hearken|thereof|whereby|hence|whence|aught', 'plain English'],
  ['seldom', 'rarely'],
  ['to be had', 'available'],
  ['yet to', 'still has to'],
  ['hangs? together', 'is connected'],
  ['linger(s|ing)?', 'stay'],
  ['in haste', 'fast'],
  ['for want of', 'without'],
  ['gist', 'meaning, pattern'],
  ['roster', 'registry'],
  ['lateness', 'grace period'],
  ['spokesm[ae]n', 'authoritative agent'],
  ['speaks? for', 'is believed about'],
  ['witness(es)?', 'observer'],
  ['kept origins?', 'past hop'],
  ['its likes', 'the others'],
];
const FILES = ['src', 'test', 'scripts', 'docs', 'README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'];
/** Third-party names, and generated code. */
const EXCEPTIONS = /enable-bpf-masquerade|third[- ]part(y|ies)|\/gen\//;
/** The lab's rules are the kernel's, with its names. */
const LAB_EXCEPTIONS = /masquerade/i;

/** "file:line: word (instead)" of each. */
export function findBanned(files: readonly (readonly [name: string, text: string])[]): string[] {
  const pattern = new RegExp(`(?<![\\w-])(${BANNED.map(([word]) => word).join('|')})(?![\\w-])`, 'gi');
  return files.flatMap(([name, text]) =>
    text.split('\n').flatMap((line, at) =>
      EXCEPTIONS.test(line) || (name.startsWith('test/') && LAB_EXCEPTIONS.test(line))
        ? []
        : Array.from(line.matchAll(pattern), ([word]) => {
            const [, instead = ''] = BANNED.find(([one]) => new RegExp(`^(${one})`, 'i').test(word)) ?? [];
            return `${name}:${at + 1}: "${word}" (${instead})`;
          }),
    ),
  );
}

if (import.meta.main) {
  const names = execFileSync('git', ['ls-files', ...FILES], { encoding: 'utf8' }).split('\n');
  const texts = names.filter((name) => /\.(ts|md)$/.test(name) && !name.includes('/gen/') && !/wording/.test(name));
  const found = findBanned(texts.map((name) => [name, readFileSync(name, 'utf8')]));
  for (const line of found) stderr.write(`${line}\n`);
  if (found.length > 0) exit(1);
}
