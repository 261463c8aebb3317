import { load, YAML11_SCHEMA } from 'js-yaml';
import { readWholeFile } from '../files/read-file.ts';
import { refuseAliasBomb } from '../files/yaml-size.ts';
import { KubeError } from './errors.ts';

/**
 * The first document of a YAML file as kubectl reads it: UTF-8, or UTF-16 with a byte order mark; words such as `yes` are booleans
 * (YAML 1.1); of two equal keys the last counts. Undefined: there is nothing in it, or only comments.
 */
export function readKubeconfig(path: string): unknown {
  let bytes: Buffer;
  try {
    bytes = readWholeFile(path);
  } catch (error) {
    throw new KubeError('config', `the kubeconfig ${path} cannot be read: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
  try {
    const text = firstDocument(decode(bytes));
    if (isBlank(text)) return undefined;
    const document = load(text, { json: true, schema: YAML11_SCHEMA });
    refuseAliasBomb(document);
    return document;
  } catch (error) {
    throw new KubeError('config', `${path} is not a kubeconfig: ${describeSyntaxError(error as Error)}`);
  }
}

/**
 * "unidentified alias (9:16)". The parser's message quotes the file: an alias or a tag may be a password that nobody quoted, and in the
 * lines around the fault there may be a token.
 */
function describeSyntaxError({ message }: Error): string {
  const [first = ''] = message.split('\n');
  const [words = ''] = first.split(/["'<!:]|\s\(\d/);
  const place = / \(\d+:\d+\)$/.exec(first)?.[0] ?? '';
  return words.trim() + place;
}

/** "ENOENT: no such file or directory", without the path, which the caller names. */
export function describeSystemError(error: unknown): string {
  return (error as Error).message.split(',')[0] ?? '';
}

function decode(bytes: Buffer): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

/** kubectl does not look at what comes after it: a fault there is none. */
function firstDocument(text: string): string {
  let begin = 0;
  for (const mark of text.matchAll(/^(?:---|\.\.\.)(?=\s|$)/gm)) {
    const before = text.slice(begin, mark.index);
    if (mark.index > 0 && !isBlank(before)) return before;
    begin = mark.index + 3;
  }
  return text.slice(begin);
}

function isBlank(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#.*|%.*)?$/.test(line));
}
