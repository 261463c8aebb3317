import { createRequire } from 'node:module';
import { runToEnd } from '../../src/client/async/chunked-work.ts';
import { Correlator } from '../../src/client/correlate/correlator.ts';
import { buildGraph, GraphBuilder } from '../../src/client/graph/graph-builder.ts';
import type { Connection, Endpoint } from '../../src/client/model/connection.ts';
import type { Snapshot } from '../../src/client/model/snapshot.ts';
import type { NameResolver } from '../../src/client/names/name-resolver.ts';
import { GROUPINGS } from '../../src/client/traffic/grouping.ts';
import { DOTS_X, DOTS_Y, pointAt } from '../../src/client/tui/graph-pane/curve.ts';
import { GraphPane } from '../../src/client/tui/graph-pane/graph-pane.ts';
import type { DrawnGraph } from '../../src/client/tui/graph-pane/navigation.ts';
import { initialState } from '../../src/client/tui/state.ts';
import { applyStyle } from '../../src/client/tui/text/style.ts';
import { buildViewModelNow } from '../../src/client/tui/view-model/view-model.ts';
import { cluster } from '../unit/client/tui/graph-pane/scenes.ts';
import { manyNames, pairedNodes } from './join.ts';

const WIDTH = 158;
const HEIGHT = 46;
const ROUNDS = 200;

/** blessed-contrib's canvas, as far as the bench draws on it; its typings do not cover it. */
interface Context {
  strokeStyle: string;
  clearRect(x: number, y: number, width: number, height: number): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
  fillText(text: string, x: number, y: number): void;
  readonly _canvas: { frame(): string };
}

/**
 * The graph: what a frame of twelve boxes costs beside the same boxes and lines on blessed-contrib's canvas, what placing
 * them costs, and making the graph of 250,000 connections.
 */
export function run(): void {
  frames(cluster(12));
  placing();
  building();
}

function frames(snapshot: Snapshot): void {
  const viewModel = buildViewModelNow(snapshot, initialState());
  const picture = new GraphPane();
  picture.draw(viewModel, WIDTH, HEIGHT, undefined);
  const own = timed(() =>
    picture
      .draw(viewModel, WIDTH, HEIGHT, undefined)
      .map((line) => line.map(({ text, style }) => applyStyle(text, style, '256')).join(''))
      .join('\n'),
  );
  const { drawn } = picture;
  const context = contribCanvas();
  const contrib = timed(() => drawOn(context, drawn));
  const size = `${drawn.boxes.length} boxes, ${drawn.edges.length} lines, ${WIDTH}×${HEIGHT}`;
  process.stdout.write(`graph: a frame of ${size}: ${own}; contrib.canvas ${contrib}\n`);
}

function contribCanvas(): Context {
  const require = createRequire(createRequire(import.meta.url).resolve('blessed-contrib'));
  const { Canvas } = require('drawille-canvas-blessed-contrib') as {
    Canvas: new (width: number, height: number) => { getContext(): Context };
  };
  return new Canvas(WIDTH * DOTS_X, HEIGHT * DOTS_Y).getContext();
}

/** The same boxes, names and rates; lines straight and one dot thick, since it knows no other. */
function drawOn(context: Context, { boxes, routes, graph }: DrawnGraph): string {
  context.clearRect(0, 0, WIDTH * DOTS_X, HEIGHT * DOTS_Y);
  context.strokeStyle = 'cyan';
  for (const { curve, start, end } of routes.values()) {
    const [from, to] = [pointAt(curve, start), pointAt(curve, end)];
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  for (const { name, x, y, width, height } of boxes) {
    const [left, top, right, bottom] = [x * DOTS_X, y * DOTS_Y, (x + width - 1) * DOTS_X, (y + height - 1) * DOTS_Y];
    context.beginPath();
    context.moveTo(left, top);
    context.lineTo(right, top);
    context.lineTo(right, bottom);
    context.lineTo(left, bottom);
    context.lineTo(left, top);
    context.stroke();
    context.fillText(name, left + 4, top);
    context.fillText(String(graph.boxes.get(name)?.traffic.rate), left + 4, top + DOTS_Y);
  }
  return context._canvas.frame();
}

/** Placing boxes and lines again: when the picture's size or its boxes have changed. */
function placing(): void {
  for (const nodes of [12, 100]) {
    const viewModel = buildViewModelNow(cluster(nodes), initialState());
    const picture = new GraphPane();
    let turn = 0;
    const times = timed(() => picture.draw(viewModel, WIDTH + (turn++ % 2), HEIGHT, undefined), 20);
    process.stdout.write(`graph: a first frame of ${nodes} nodes: ${times}\n`);
  }
}

function building(): void {
  const inputs = pairedNodes(100).map((table, i) => ({ key: `agent-${i}`, node: `node-${i}`, table, stale: false }));
  const doubled = pairedNodes(100).map((table, i) => ({ key: `more-${i}`, node: `more-${i}`, table, stale: false }));
  const connections = [
    ...new Correlator().update(inputs, named(), false),
    ...new Correlator().update(doubled, named(), false),
  ];
  for (const grouping of GROUPINGS) {
    const first = timed(() => buildGraph(connections, { grouping }, []), 10);
    const builder = new GraphBuilder({ grouping });
    let now: readonly Connection[] = connections;
    runToEnd(builder.update(now, []));
    let turn = 0;
    const next = timed(
      () => {
        turn++;
        now = now.map((one, i) => ((i + turn) % 10 === 0 ? { ...one, sentRate: turn } : one));
      },
      () => runToEnd(builder.update(now, [])),
      10,
    );
    process.stdout.write(
      `graph: of ${connections.length} connections by ${grouping}: ${first}; a tenth changed: ${next}\n`,
    );
  }
}

/** Names as in a cluster of 100 nodes: workloads with a few pods each, in twenty namespaces. */
function named(): NameResolver {
  const endpoints = new Map<string, Endpoint>();
  return {
    ...manyNames(),
    endpoint(address) {
      let endpoint = endpoints.get(address);
      if (endpoint === undefined) {
        const node = Number(address.split('.')[1]);
        const pod = Number(address.split('.')[3]);
        endpoint = {
          address,
          kind: 'pod',
          namespace: `team-${pod % 20}`,
          name: `app-${pod}-${node}`,
          node: `node-${node}`,
          workload: { kind: 'Deployment', name: `app-${pod}` },
        };
        endpoints.set(address, endpoint);
      }
      return endpoint;
    },
  };
}

/** Mean and median, in milliseconds of CPU: its clock is coarse. `before`: what is not counted. */
function timed(work: () => unknown, rounds?: number): string;
function timed(before: () => unknown, work: () => unknown, rounds: number): string;
function timed(first: () => unknown, second?: number | (() => unknown), rounds = ROUNDS): string {
  const [before, work] = typeof second === 'function' ? [first, second] : [() => {}, first];
  const times: number[] = [];
  for (let round = 0; round < (typeof second === 'number' ? second : rounds); round++) {
    before();
    const began = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(began);
    times.push((user + system) / 1000);
  }
  times.sort((a, b) => a - b);
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  return `${mean.toFixed(2)} ms (median ${times[times.length >> 1]?.toFixed(2)})`;
}

if (import.meta.main) run();
