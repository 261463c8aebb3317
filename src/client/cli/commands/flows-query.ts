import type { OptionValues } from 'commander';
import type { Column } from '../../columns/column.ts';
import { CONNECTION_COLUMNS } from '../../columns/connection-columns.ts';
import { sortTop } from '../../columns/sort.ts';
import type { ConnectionPredicate } from '../../filter/field.ts';
import { formatTerm, type ParsedFilter, parseFilter } from '../../filter/filter.ts';
import { cleanSentence, cleanText, cleanTo, MAX_SENTENCE_LENGTH } from '../../format/sanitize.ts';
import { textWidth } from '../../format/width.ts';
import type { Connection } from '../../model/connection.ts';
import { type SessionOptions, trafficNamespaces } from '../../session/session.ts';
import { type UserError, usageError } from '../../session/user-error.ts';
import { FILTER_FLAGS, type FilterFlags, type FlowsFlags, type FlowsFormat } from '../options/flows-options.ts';
import { parseSessionOptions } from '../options/source-options.ts';

type FilterError = Extract<ParsedFilter, { ok: false }>;

/** The parsed options of `kflow flows`. */
export interface FlowsQuery {
  readonly source: SessionOptions;
  readonly output: FlowsFormat;
  readonly columns: readonly Column<Connection>[];
  /** The id of a column. */
  readonly sortedBy: string;
  readonly follow: boolean;
  /** Polls to wait for. */
  readonly polls: number;
  readonly passes: ConnectionPredicate;
  /** The requested rows, in order. `now`: unix time in milliseconds. */
  readonly order: (rows: readonly Connection[], now: number) => readonly Connection[];
}

/** Throws a usage error for invalid or contradictory options. */
export function buildFlowsQuery(root: OptionValues, flags: FlowsFlags, terms: readonly string[]): FlowsQuery {
  const { output, follow = false, once = false, sort, limit, ...rest } = flags;
  const stray = once ? '--once' : sort !== undefined ? '--sort' : limit !== undefined ? '--limit' : undefined;
  if (follow && stray !== undefined)
    throw usageError(`--follow and ${stray} cannot be combined: it prints as things come`);
  const source = parseSessionOptions({ ...root, ...rest });
  return {
    source,
    output,
    columns: CONNECTION_COLUMNS.filter((column) => output === 'wide' || !column.wide),
    sortedBy: (sort ?? 'rate').replace(/^-/, '').toLowerCase(),
    follow,
    polls: once ? 1 : 2,
    passes: buildFlowsFilter({ ...flags, namespace: trafficNamespaces(source) }, terms),
    order: parseSortOrder(sort ?? 'rate', limit),
  };
}

function parseSortOrder(sort: string, limit = Number.POSITIVE_INFINITY): FlowsQuery['order'] {
  const reversed = sort.startsWith('-');
  const id = sort.slice(reversed ? 1 : 0).toLowerCase();
  const column = CONNECTION_COLUMNS.find((one) => one.id === id);
  if (column === undefined)
    throw usageError(
      `--sort: no column is called "${cleanText(id)}": ${CONNECTION_COLUMNS.map((one) => one.id).join(', ')}`,
    );
  const direction = (column.defaultDirection === 'descending') !== reversed ? 'descending' : 'ascending';
  return (rows, now) => {
    const oldestFirst = rows.toSorted((a, b) => a.id - b.id);
    return sortTop(oldestFirst, column, direction, { names: true, now }, 0, Math.min(limit, rows.length));
  };
}

/** Combines all filters of a command line. Throws a usage error that names the option, or points at the term. */
export function buildFlowsFilter(flags: FilterFlags, terms: readonly string[]): ConnectionPredicate {
  const tests: ConnectionPredicate[] = [];
  for (const { flag, field } of FILTER_FLAGS) {
    const values = flags[camelCase(flag)] as readonly string[] | undefined;
    if (values === undefined) continue;
    const word = formatTerm(field, values);
    const parsed = parseFilter(word);
    if (!parsed.ok)
      throw markPosition(
        `--${flag}: `,
        `--${flag} ${word.slice(field.length + 1)}`,
        parsed,
        flag.length + 2 - field.length,
      );
    tests.push(parsed.match);
  }
  tests.push(parseFilterArguments([...(flags.filter ?? []), ...terms].join(' ')));
  return (connection, now) => tests.every((test) => test(connection, now));
}

/** `-n` as terms of the filter language; empty: it was not given. */
export function formatNamespaceFilter(source: SessionOptions): string {
  const namespaces = trafficNamespaces(source);
  if (namespaces === undefined) return '';
  buildFlowsFilter({ namespace: namespaces }, []);
  return formatTerm('ns', namespaces);
}

/** Throws a usage error that points at the term. */
export function parseFilterArguments(text: string): ConnectionPredicate {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw markPosition('', text, parsed);
  return parsed.match;
}

/** `shift`: how far the text starts to the right of the parsed part. */
function markPosition(prefix: string, text: string, { message, start, end }: FilterError, shift = 0): UserError {
  // Cells, not characters: some are two wide.
  const [before, word] = [text.slice(0, start + shift), text.slice(start + shift, end + shift)].map(cleanArguments);
  const indent = textWidth(before ?? '');
  const length = Math.max(1, textWidth(word ?? ''));
  const shown = `${before}${word}${cleanArguments(text.slice(end + shift))}`;
  return usageError(`${prefix}${cleanSentence(message)}\n  ${shown}\n  ${' '.repeat(indent)}${'^'.repeat(length)}`);
}

function cleanArguments(text: string): string {
  return cleanTo(text, MAX_SENTENCE_LENGTH);
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
