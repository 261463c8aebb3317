import { textOf } from '../format/cells.ts';
import { formatCount, formatRate } from '../format/numbers.ts';
import { displayName } from '../graph/collapse.ts';
import { type Edge, formatKind, type Graph, isFailing, type Vertex } from '../graph/graph.ts';
import { rateLevel, type TrafficSummary } from '../traffic/traffic.ts';

const SHAPES: Readonly<Record<string, string>> = {
  node: 'shape=box',
  service: 'shape=box, peripheries=2',
  outside: 'shape=box, style=dashed',
  address: 'shape=box, style=dashed',
};
const ROUND = 'shape=box, style=rounded';

const COLOURS = ['#9aa0a6', '#5b8db8', '#3c9fbf', '#2f9e77', '#b38f00', '#d9822b'];
const RED = '#d64545';
/** With more boxes, ranks and routed lines take Graphviz minutes: it then uses a spring layout. */
const MAX_RANKED = 40;

/**
 * Yields the graph in the DOT language line by line, in the order of names. The client is at the tail of an edge. In addition to what
 * Graphviz draws, boxes and edges have the attributes `connections`, `unanswered`, and in bytes per second `sent` and `received`, from
 * the tail's side; unknown values are absent.
 */
export function* formatDot({ boxes, edges }: Graph, title: string): Generator<string> {
  let heaviest = 0;
  for (const { traffic } of edges.values()) heaviest = Math.max(heaviest, traffic.rate ?? 0);
  yield 'digraph kflow {\n';
  const layout = boxes.size > MAX_RANKED ? 'layout=sfdp, overlap=prism, splines=line' : 'rankdir=LR, splines=true';
  yield `  graph [label=${quoted(title)}, labelloc=t, ${layout}, fontname="sans-serif"];\n`;
  yield '  node [fontname="sans-serif", fontsize=11];\n';
  yield '  edge [fontname="sans-serif", fontsize=9];\n';
  for (const box of sorted([...boxes.values()], ({ name }) => name)) yield boxLine(box);
  for (const box of sorted([...boxes.values()], ({ name }) => name))
    if (box.within.connections > 0) yield withinLine(box, heaviest);
  for (const edge of sorted([...edges.values()], ({ from, to }) => `${from}\n${to}`)) yield edgeLine(edge, heaviest);
  yield '}\n';
}

function boxLine({ name, kind, traffic }: Vertex): string {
  const alarm = traffic.unanswered > 0 ? [`✗ ${formatCount(traffic.unanswered)} unanswered`] : [];
  const shown = textOf(displayName(name));
  const word = shown === kind ? [] : [formatKind(kind)];
  const label = [shown, ...word, formatRate(traffic.rate), ...alarm];
  const red = alarm.length > 0 ? `, color="${RED}"` : '';
  return `  ${quoted(name)} [label=${quoted(...label)}, ${SHAPES[kind] ?? ROUND}${red}, kind=${quoted(kind)}${numbers(traffic, false)}];\n`;
}

function withinLine({ name, within }: Vertex, heaviest: number): string {
  return `  ${quoted(name)} -> ${quoted(name)} [label=${quoted(`↻ ${formatRate(within.rate)}`)}, ${pen(within, heaviest)}${numbers(within, false)}];\n`;
}

function edgeLine({ from, to, traffic, initiatedByFrom }: Edge, heaviest: number): string {
  const reversed = initiatedByFrom * 2 < traffic.connections;
  const [tail, head] = reversed ? [to, from] : [from, to];
  const [sent, received] = reversed
    ? [traffic.receivedRate, traffic.sentRate]
    : [traffic.sentRate, traffic.receivedRate];
  const alarm = traffic.unanswered > 0 ? [`✗ ${formatCount(traffic.unanswered)}`] : [];
  const rates = traffic.rate === undefined ? [] : [`→ ${formatRate(sent)}`, `← ${formatRate(received)}`];
  const label = [...rates, ...alarm];
  return `  ${quoted(tail)} -> ${quoted(head)} [label=${quoted(...label)}, ${pen(traffic, heaviest)}${numbers(traffic, reversed)}];\n`;
}

function pen(traffic: TrafficSummary, heaviest: number): string {
  const level = rateLevel(traffic.rate, heaviest);
  if (isFailing(traffic)) return `color="${RED}", style=dashed`;
  return `color="${COLOURS[level]}", penwidth=${(0.6 + level * 0.7).toFixed(1)}`;
}

function numbers({ connections, unanswered, sentRate, receivedRate }: TrafficSummary, reversed: boolean): string {
  const [sent, received] = reversed ? [receivedRate, sentRate] : [sentRate, receivedRate];
  const known = (name: string, value: number | undefined) =>
    value === undefined ? '' : `, ${name}=${Math.round(value)}`;
  return `, connections=${connections}, unanswered=${unanswered}${known('sent', sent)}${known('received', received)}`;
}

function sorted<T>(values: readonly T[], by: (value: T) => string): T[] {
  return [...values].sort((a, b) => (by(a) < by(b) ? -1 : 1));
}

/** A quoted string in DOT, of one or several lines. */
function quoted(...lines: readonly string[]): string {
  return `"${lines.map((line) => line.replaceAll('\\', '\\\\').replaceAll('"', '\\"')).join('\\n')}"`;
}
