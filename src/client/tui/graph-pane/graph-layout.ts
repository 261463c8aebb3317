import { displayName, OTHERS } from '../../graph/collapse.ts';
import { DETAILED_WIDTH, preferredWidth } from './boxes.ts';
import { crossesBox, type EdgeEnds, type EdgeRoute, routeEdges } from './edge-routes.ts';
import { assignSlots, type Link } from './slot-assignment.ts';
import { boxInSlot, chooseGrid, chooseRing, type PlacedBox, type SlotGrid } from './slots.ts';

/** This many lines per box are many. */
const DENSE = 1.8;

const MAX_REMEMBERED = 200;

/** The space between two boxes for "→ 1.21 MB/s" and an arrow head. */
const LABEL_ROOM = 15;

export interface GraphLayout {
  readonly boxes: readonly PlacedBox[];
  readonly routes: ReadonlyMap<string, EdgeRoute>;
}

export interface LayoutRequest {
  readonly names: readonly string[];
  readonly links: readonly (Link & { readonly key: string })[];
  readonly width: number;
  readonly height: number;
  /** Boxes show their internal rate if there is room. */
  readonly detailed?: boolean;
  /** Starts again when the picture shows something else. */
  readonly of: string;
}

/**
 * Keeps the positions of boxes and lines. A new box gets a free place. Only if there is none, or if most boxes or lines are
 * new, everything is placed again. Traffic does not move boxes.
 */
export class StableLayout {
  #slots: SlotGrid | undefined;
  #taken: ReadonlyMap<string, number> = new Map();
  /** Former places of boxes that have gone: a box that returns gets its old place. */
  readonly #left = new Map<string, number>();
  #frame = '';
  /** The lines at the time of the last placement. */
  #linksAtPlacement = 0;
  #plan: GraphLayout = { boxes: [], routes: new Map() };

  update({ names, links, width, height, of, detailed = false }: LayoutRequest): GraphLayout {
    const frame = `${of} ${width} ${height}`;
    const kept = new Map([...this.#taken].filter(([name]) => names.includes(name)));
    const isFresh =
      this.#slots === undefined || frame !== this.#frame || this.#outgrown(names.length, kept.size, links.length);
    const moved = isFresh || kept.size < names.length || kept.size < this.#taken.size;
    const slots =
      isFresh || this.#slots === undefined ? slotsOf(names, links.length, width, height, detailed) : this.#slots;
    if (isFresh) this.#left.clear();
    else if (moved) this.#remember(names, kept);
    if (moved) this.#taken = assignSlots([...names].sort(byName), links, slots, isFresh ? undefined : kept);
    if (isFresh) this.#linksAtPlacement = links.length;
    this.#slots = slots;
    this.#frame = frame;
    const boxes = moved ? this.#boxes(slots, detailed) : this.#plan.boxes;
    const at = new Map(boxes.map((box) => [box.name, box]));
    const ends = links.flatMap(({ key, from, to }): EdgeEnds[] => {
      const [a, b] = [at.get(from), at.get(to)];
      return a === undefined || b === undefined ? [] : [{ key, from: a, to: b }];
    });
    if (moved) this.#plan = { boxes, routes: routeEdges(ends, boxes, width, height, stillFree(this.#plan, at)) };
    else if (ends.some(({ key }) => !this.#plan.routes.has(key)))
      this.#plan = { boxes, routes: routeEdges(ends, boxes, width, height, this.#plan.routes) };
    return this.#plan;
  }

  /** Remembers the places of boxes that are gone, and reserves the places of boxes that return. */
  #remember(names: readonly string[], kept: Map<string, number>): void {
    for (const [name, slot] of this.#taken) if (!kept.has(name)) this.#left.set(name, slot);
    const taken = new Set(kept.values());
    for (const name of names) {
      const before = this.#left.get(name);
      if (kept.has(name) || before === undefined || taken.has(before)) continue;
      kept.set(name, before);
      taken.add(before);
    }
    for (const [name] of this.#left) if (this.#left.size > MAX_REMEMBERED) this.#left.delete(name);
  }

  #outgrown(wanted: number, kept: number, links: number): boolean {
    const slots = this.#slots?.centers.length ?? 0;
    if (wanted > slots || kept * 2 < wanted) return true;
    // Far too many places, or mostly lines that did not exist at the last placement.
    return (slots > 6 && wanted * 3 < slots) || links > this.#linksAtPlacement * 2 + 2;
  }

  #boxes(slots: SlotGrid, detailed: boolean): PlacedBox[] {
    // Traffic on lines matters more than traffic within a box.
    const room = detailed
      ? Math.min(DETAILED_WIDTH, Math.floor((slots.pitch ?? Number.POSITIVE_INFINITY) - LABEL_ROOM))
      : 0;
    return [...this.#taken].map(([name, slot]) =>
      boxInSlot(slots, slot, name, Math.max(room, preferredWidth(displayName(name, 1000)))),
    );
  }
}

/** Routes between boxes that stayed, unless a new box is on the route. */
function stillFree(plan: GraphLayout, at: ReadonlyMap<string, PlacedBox>): Map<string, EdgeRoute> {
  const before = new Map(plan.boxes.map((box) => [box.name, box]));
  const stayed = (name: string) => {
    const [was, is] = [before.get(name), at.get(name)];
    return was !== undefined && is !== undefined && was.x === is.x && was.y === is.y && was.width === is.width;
  };
  const come = [...at.values()].filter(({ name }) => !stayed(name));
  return new Map(
    [...plan.routes].filter(([key, route]) => {
      const [from = '', to = ''] = key.split('\n');
      return stayed(from) && stayed(to) && !come.some((box) => crossesBox(route.curve, box));
    }),
  );
}

function byName(a: string, b: string): number {
  return rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true });
}

/** In a dense graph the lines need the middle: boxes are placed around it. */
function slotsOf(names: readonly string[], links: number, width: number, height: number, detailed: boolean): SlotGrid {
  const ring =
    names.length >= 5 && links >= names.length * DENSE
      ? chooseRing(names.length, width, height, typical(names))
      : undefined;
  return ring ?? chooseGrid(names.length, width, height, Math.max(detailed ? DETAILED_WIDTH : 0, typical(names)));
}

/** The preferred width of at least three in four boxes. */
function typical(names: readonly string[]): number {
  const widths = names.map((name) => preferredWidth(displayName(name))).sort((a, b) => a - b);
  return widths[Math.floor((widths.length - 1) * 0.75)] ?? 0;
}

function rank(name: string): number {
  return name === OTHERS ? 1 : 0;
}
