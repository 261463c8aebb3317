import { pad } from '../../format/cells.ts';
import { formatBytes, formatCount, formatRate } from '../../format/numbers.ts';
import { displayName } from '../../graph/collapse.ts';
import { type Edge, edgeKey, edgeWeight, formatKind } from '../../graph/graph.ts';
import { selectionFromKey, selectionPredicate } from '../../graph/selection.ts';
import type { TrafficSummary } from '../../traffic/traffic.ts';
import type { DrawnGraph } from '../graph-pane/navigation.ts';
import { besideColumns, type Line, type Span, span } from '../text/line.ts';
import type { Summaries } from '../view-model/summaries.ts';
import type { ViewModel } from '../view-model/view-model.ts';
import { connectionLines } from './detail-lines.ts';

export interface GraphDetails {
  readonly title: string;
  readonly lines: readonly Line[];
}

const MAX_PEERS = 4;
const MAX_EDGES = 6;

/** The selected box or line: its traffic in both directions, its peers, and its heaviest connections. */
export function renderGraphDetails(
  key: string | undefined,
  drawn: DrawnGraph,
  viewModel: ViewModel,
  summaries: Summaries,
  rates: readonly Line[],
  width: number,
): GraphDetails {
  const { boxes, edges, collapsed } = drawn.graph;
  if (key === undefined) {
    const hint = [span('h j k l select a box, . and , its lines; Enter goes into it', 'dim')];
    return { title: 'Details', lines: [...edgeLines([...edges.values()], collapsed), hint] };
  }
  const [from = '', to] = key.split('\n');
  const heaviest = (room: number) => {
    const matches = selectionPredicate(selectionFromKey(key, drawn.graph), viewModel.grouping);
    return connectionLines('heaviest', summaries.heaviest(viewModel.filtered, key, matches), room);
  };
  if (to !== undefined) {
    const edge = edges.get(edgeKey(from, to));
    const title = `Line ${displayName(from, collapsed)} ↔ ${displayName(to, collapsed)}`;
    if (edge === undefined) return { title, lines: [[span('no traffic between them now', 'dim')]] };
    return { title, lines: [edgeLine(edge, from, to), ...rates, ...heaviest(width)] };
  }
  const box = boxes.get(from);
  if (box === undefined) return { title: displayName(from), lines: [[span('it has no traffic now', 'dim')]] };
  const kind = displayName(box.name) === box.kind || box.kind === 'others' ? '' : ` (${formatKind(box.kind)})`;
  return {
    title: `${displayName(box.name, collapsed)}${kind}`,
    lines: [
      [
        ...rateSpans(box.traffic, 'out', 'in'),
        ...(box.within.connections === 0 ? [] : [span('   within ', 'heading'), span(formatRate(box.within.rate))]),
        ...countSpans(box.traffic),
      ],
      ...rates,
      ...besideColumns(() => peerLines(from, [...edges.values()], collapsed), heaviest, width),
    ],
  };
}

/** A short text for the selected box or line, if details do not fit. */
export function renderGraphSummary(key: string | undefined, { graph }: DrawnGraph): string {
  if (key === undefined) return '';
  const [from = '', to] = key.split('\n');
  const traffic = (to === undefined ? graph.boxes.get(from) : graph.edges.get(edgeKey(from, to)))?.traffic;
  const name = [from, ...(to === undefined ? [] : [to])].map((one) => displayName(one, graph.collapsed)).join(' ↔ ');
  const alarm = traffic !== undefined && traffic.unanswered > 0 ? ` ✗ ${formatCount(traffic.unanswered)}` : '';
  return `${name} ${formatRate(traffic?.rate)}${alarm}`;
}

function edgeLine({ from, traffic, initiatedByFrom }: Edge, here: string, there: string): Line {
  const [sent, received] =
    from === here ? [traffic.sentRate, traffic.receivedRate] : [traffic.receivedRate, traffic.sentRate];
  const mine = from === here ? initiatedByFrom : traffic.connections - initiatedByFrom;
  return [
    span('traffic  ', 'heading'),
    span(formatRate(traffic.rate), 'strong'),
    span('   → ', 'heading'),
    span(formatRate(sent)),
    span('   ← ', 'heading'),
    span(formatRate(received)),
    ...countSpans(traffic),
    span(
      `   ${formatCount(mine)} opened by ${displayName(here)}, ${formatCount(traffic.connections - mine)} by ${displayName(there)}`,
      'dim',
    ),
  ];
}

function rateSpans(traffic: TrafficSummary, out: string, into: string): Span[] {
  return [
    span('traffic  ', 'heading'),
    span(formatRate(traffic.rate), 'strong'),
    span(`   ${out} `, 'heading'),
    span(formatRate(traffic.sentRate)),
    span(`   ${into} `, 'heading'),
    span(formatRate(traffic.receivedRate)),
  ];
}

function countSpans({ connections, bytes, unanswered }: TrafficSummary): Span[] {
  return [
    span(
      `   ${formatBytes(bytes)} in ${formatCount(connections)} ${connections === 1 ? 'connection' : 'connections'}`,
      'dim',
    ),
    ...(unanswered > 0 ? [span(`   ✗ ${formatCount(unanswered)} unanswered`, 'bad')] : []),
  ];
}

/** The pairs of boxes, the heaviest first. */
function edgeLines(edges: readonly Edge[], folded: number): Line[] {
  const sorted = [...edges].sort((a, b) => edgeWeight(b.traffic) - edgeWeight(a.traffic));
  const rows = sorted.slice(0, MAX_EDGES).map(({ from, to, traffic }) => ({
    name: `${displayName(from, folded)} ↔ ${displayName(to, folded)}`,
    traffic,
  }));
  return namedLines('lines', rows, edges.length - rows.length);
}

/** The peers, the heaviest first. */
function peerLines(name: string, edges: readonly Edge[], folded: number): Line[] {
  const mine = edges.filter(({ from, to }) => from === name || to === name);
  mine.sort((a, b) => edgeWeight(b.traffic) - edgeWeight(a.traffic));
  const rows = mine.slice(0, MAX_PEERS).map(({ from, to, traffic }) => {
    const { sentRate, receivedRate, unanswered } = traffic;
    return from === name
      ? { name: displayName(to, folded), traffic }
      : { name: displayName(from, folded), traffic: { sentRate: receivedRate, receivedRate: sentRate, unanswered } };
  });
  return namedLines('lines', rows, mine.length - rows.length);
}

interface NamedLine {
  readonly name: string;
  /** Sent: from the selection. */
  readonly traffic: Pick<TrafficSummary, 'sentRate' | 'receivedRate' | 'unanswered'>;
}

function namedLines(heading: string, rows: readonly NamedLine[], more: number): Line[] {
  const widest = Math.max(0, ...rows.map(({ name }) => Math.min(40, name.length)));
  return rows.map(({ name, traffic: { sentRate, receivedRate, unanswered } }, i) => [
    span((i === 0 ? heading : '').padEnd(9), 'heading'),
    span(pad(name, widest)),
    span(`   → ${formatRate(sentRate).padStart(9)}   ← ${formatRate(receivedRate).padStart(9)}`),
    ...(unanswered > 0 ? [span(`   ✗ ${formatCount(unanswered)}`, 'bad')] : []),
    ...(i === rows.length - 1 && more > 0 ? [span(`   and ${formatCount(more)} more`, 'dim')] : []),
  ]);
}
