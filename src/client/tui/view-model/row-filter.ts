import { type ChunkedWork, filterChunked } from '../../async/chunked-work.ts';
import { AGENT_COLUMNS } from '../../columns/agent-columns.ts';
import { PROBLEM_COLUMNS } from '../../columns/problem-columns.ts';
import { parseFilter } from '../../filter/filter.ts';
import { type Term, tokenize } from '../../filter/lexer.ts';
import { compilePattern } from '../../filter/pattern.ts';
import type { AgentState } from '../../model/agent.ts';
import type { Connection } from '../../model/connection.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Problem } from '../../problems/problem.ts';

/**
 * The filter of views with other rows than connections. Free text matches the row's text; terms with a field match rows
 * with matching connections, and `node:` also rows of that node.
 */
interface RowFilter {
  readonly says: (texts: readonly string[]) => boolean;
  /** The terms with a field; absent: there are none. */
  readonly fielded?: { readonly text: string; readonly isNode: (name: string) => boolean };
}

function rowFilter(text: string): RowFilter {
  const split = tokenize(text);
  if ('error' in split) return { says: () => true };
  const fielded = split.terms.filter(({ field }) => field !== undefined);
  const tests = split.terms.filter(({ field }) => field === undefined).map(sayingTest);
  const says = (texts: readonly string[]) => tests.every((test) => test(texts));
  if (fielded.length === 0) return { says };
  const nodes = fielded.map(nodeTest);
  return {
    says,
    fielded: {
      text: fielded.map(({ start, end }) => text.slice(start, end)).join(' '),
      isNode: (name) => nodes.every((test) => test(name)),
    },
  };
}

function sayingTest({ values, negated }: Term): (texts: readonly string[]) => boolean {
  const [value = { text: '', quoted: false }] = values;
  const hasWildcard = !value.quoted && value.text.includes('*');
  const fits = compilePattern(hasWildcard ? { ...value, text: `*${value.text}*` } : value, 'contains');
  return (texts) => texts.some(fits) !== negated;
}

/** A term with another field matches no node. */
function nodeTest({ field, values, negated }: Term): (name: string) => boolean {
  if (field?.text.toLowerCase() !== 'node') return () => false;
  const tests = values.map((value) => compilePattern(value, 'same'));
  return (name) => tests.some((test) => test(name)) !== negated;
}

function* behind(
  filter: RowFilter,
  connections: readonly Connection[],
  at: number,
): ChunkedWork<readonly Connection[]> {
  const parsed = parseFilter(filter.fielded?.text ?? '');
  return parsed.ok ? yield* filterChunked(connections, (one) => parsed.match(one, at)) : [];
}

export function* filteredProblems(
  problems: readonly Problem[],
  text: string,
  { connections, agents, at }: Snapshot,
): ChunkedWork<readonly Problem[]> {
  if (text === '') return problems;
  const filter = rowFilter(text);
  const context = { names: true, now: at };
  const said = problems.filter((one) => filter.says(PROBLEM_COLUMNS.map((column) => column.cell(one, context))));
  const { fielded } = filter;
  if (fielded === undefined) return said;
  const found = yield* behind(filter, connections, at);
  // A filter for a node does not match the nodes at the other ends of its connections.
  const nodes = new Set<string>(isOfNodes(fielded.text) ? agents.map(({ node }) => node) : []);
  const kept: Problem[] = [];
  for (const one of said) {
    const isBehind = !nodes.has(one.subject) && found.some((connection) => one.matches?.(connection));
    if (isBehind || fielded.isNode(one.subject)) kept.push(one);
    yield;
  }
  return kept;
}

export function* filteredAgents(
  text: string,
  { agents, connections, at }: Snapshot,
): ChunkedWork<readonly AgentState[]> {
  if (text === '') return agents;
  const filter = rowFilter(text);
  const context = { names: true, now: at };
  const said = agents.filter((one) => filter.says(AGENT_COLUMNS.map((column) => column.cell(one, context))));
  const { fielded } = filter;
  if (fielded === undefined) return said;
  const byNode = said.filter(({ node }) => fielded.isNode(node));
  // A filter with only `node:` selects agents, not their connections.
  if (isOfNodes(fielded.text)) return byNode;
  const seen = new Set((yield* behind(filter, connections, at)).flatMap(({ hops }) => hops.map(({ agent }) => agent)));
  return said.filter((one) => seen.has(one.key));
}

function isOfNodes(text: string): boolean {
  const split = tokenize(text);
  return 'terms' in split && split.terms.every(({ field }) => field?.text.toLowerCase() === 'node');
}

/** The part of a filter that also applies to a row's connections. */
export function fieldedPart(text: string): string {
  return rowFilter(text).fielded?.text ?? '';
}
