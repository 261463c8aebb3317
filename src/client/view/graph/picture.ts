import type { Derived } from '../data/derive.ts';
import type { Line } from '../text/line.ts';
import { drawGraph } from './draw.ts';
import { buildGraph, edgeKey, type Folded, foldGraph, type Graph } from './graph.ts';
import { capacity, type Placed, place } from './place.ts';

/** The graph of what is shown. It remembers which boxes it drew, so that they do not take turns. */
export class GraphPicture {
  #shown: ReadonlySet<string> = new Set();
  #built: { derived: Derived; graph: Graph } | undefined;
  #folded: Folded | undefined;

  /** Boxes and edges in the order of walking: each box, then its edges, the heaviest first. */
  get stops(): readonly string[] {
    const { boxes, edges } = this.#folded ?? { boxes: new Map(), edges: new Map() };
    const heaviest = [...edges.values()].sort((a, b) => (b.traffic.rate ?? 0) - (a.traffic.rate ?? 0));
    return [...[...boxes.keys()].sort(), ...heaviest.map(({ from, to }) => edgeKey(from, to))];
  }

  draw(derived: Derived, width: number, height: number, selected: string | undefined): Line[] {
    const { grouping, snapshot } = derived;
    const always = grouping.grouping === 'node' ? snapshot.agents.map(({ node }) => node) : [];
    if (this.#built?.derived !== derived)
      this.#built = { derived, graph: buildGraph(derived.passing, grouping, always) };
    const limit = capacity(width, height);
    const folded = foldGraph(this.#built.graph, limit, always.slice(0, limit), this.#shown);
    const names = [...folded.boxes.keys()];
    this.#shown = new Set(names);
    this.#folded = folded;
    const placed: readonly Placed[] = place(
      names,
      width,
      height,
      grouping.grouping === 'node' ? grouping.onlyNode : undefined,
    );
    const isEdge = selected?.includes('\n') === true;
    const chosen = selected === undefined ? {} : isEdge ? { edge: selected } : { box: selected };
    const lost = new Map(
      snapshot.agents.flatMap(({ node, status }) => (status.kind === 'live' ? [] : [[node, status.kind] as const])),
    );
    return drawGraph(folded, placed, width, height, chosen, grouping.grouping === 'node' ? lost : new Map());
  }
}
