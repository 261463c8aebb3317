import { OcclusionMap } from './occlusion.ts';
import type { SlotGrid } from './slots.ts';

/** An edge, as input of the assignment. */
export interface Link {
  readonly from: string;
  readonly to: string;
  /** 0 to 1: the weight of its length. */
  readonly weight: number;
  /** −1 to 1: the direction of requests; 1: `from` is always the client. */
  readonly direction: number;
}

const CROSSING = 1;
/** A line through a box, or around it. */
const THROUGH = 2;
const LENGTH = 2.2;
/** The cost of a client to the right of its server. */
const BACKWARDS = 0.7;
const CROWDING = 0.5;
const OFF_CENTER = 5;

/** Fewer turns for small and for very dense graphs: a change of boxes may take about 30 ms. */
const TURNS_PER_BOX = 160;
const MAX_TURNS = 3000;
const MAX_PAIRS = 1_000_000;

/**
 * Assigns a slot to each box, so that lines are short, rarely cross, avoid boxes, and run from left to right. Boxes in
 * `kept` stay where they are. The same input gives the same result.
 */
export function assignSlots(
  names: readonly string[],
  links: readonly Link[],
  slots: SlotGrid,
  kept: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const board = new SlotAssignment(names, links, slots);
  for (const [name, slot] of kept) board.put(board.indexOf(name), slot);
  board.fill();
  if (kept.size === 0) board.improve();
  return board.places();
}

interface Wire {
  readonly a: number;
  readonly b: number;
  readonly weight: number;
  readonly direction: number;
}

class SlotAssignment {
  readonly #names: readonly string[];
  readonly #slots: SlotGrid;
  readonly #wires: readonly Wire[];
  readonly #wiresOf: readonly (readonly Wire[])[];
  /** A box's slot; −1: none yet. */
  readonly #slotOf: Int16Array;
  /** A slot's box; −1: free. */
  readonly #boxIn: Int16Array;
  readonly #passes: OcclusionMap;
  /** The slots' centres. */
  readonly #xs: Float64Array;
  readonly #ys: Float64Array;
  readonly #size: number;
  #random = 1;

  constructor(names: readonly string[], links: readonly Link[], slots: SlotGrid) {
    this.#names = names;
    this.#slots = slots;
    this.#slotOf = new Int16Array(names.length).fill(-1);
    this.#boxIn = new Int16Array(slots.centers.length).fill(-1);
    const index = new Map(names.map((name, i) => [name, i]));
    this.#wires = links.flatMap(({ from, to, weight, direction }) => {
      const a = index.get(from);
      const b = index.get(to);
      return a === undefined || b === undefined || a === b ? [] : [{ a, b, weight, direction }];
    });
    const wiresOf: Wire[][] = names.map(() => []);
    for (const wire of this.#wires) {
      wiresOf[wire.a]?.push(wire);
      wiresOf[wire.b]?.push(wire);
    }
    this.#wiresOf = wiresOf;
    this.#passes = new OcclusionMap(slots);
    const all = slots.centers;
    this.#xs = Float64Array.from(all, ({ x }) => x);
    this.#ys = Float64Array.from(all, ({ y }) => y);
    this.#size = Math.max(1, ...all.map(({ x }) => x)) + 2 * Math.max(1, ...all.map(({ y }) => y));
  }

  indexOf(name: string): number {
    return this.#names.indexOf(name);
  }

  put(box: number, slot: number): void {
    if (box < 0) return;
    this.#slotOf[box] = slot;
    this.#boxIn[slot] = box;
  }

  places(): Map<string, number> {
    return new Map(this.#names.map((name, i) => [name, this.#slotOf[i] ?? 0]));
  }

  /** Each box without a slot gets the free slot with the lowest cost, boxes with the most edges first. */
  fill(): void {
    const waiting = this.#names.map((_, i) => i).filter((box) => (this.#slotOf[box] ?? -1) < 0);
    waiting.sort((a, b) => (this.#wiresOf[b]?.length ?? 0) - (this.#wiresOf[a]?.length ?? 0) || a - b);
    for (const box of waiting) {
      let best = -1;
      let least = Number.POSITIVE_INFINITY;
      for (let slot = 0; slot < this.#boxIn.length; slot++) {
        if (this.#boxIn[slot] !== -1) continue;
        this.put(box, slot);
        const cost = this.#costOf(box) + this.#balance() + this.#passedBy(slot);
        this.#boxIn[slot] = -1;
        if (cost < least - 1e-9) {
          least = cost;
          best = slot;
        }
      }
      this.#slotOf[box] = -1;
      if (best >= 0) this.put(box, best);
    }
  }

  /** Simulated annealing: boxes change places, or move to free ones. */
  improve(): void {
    const boxes = this.#names.length;
    const slots = this.#boxIn.length;
    const wires = this.#wires.length;
    // A turn compares the lines of two boxes with all others, before and after.
    const pairs = (8 * wires * wires) / Math.max(1, boxes);
    const turns = Math.min(MAX_TURNS, boxes * TURNS_PER_BOX, Math.ceil(MAX_PAIRS / (pairs + boxes)));
    for (let turn = 0; turn < turns; turn++) {
      const box = this.#below(boxes);
      const from = this.#slotOf[box] ?? 0;
      const to = this.#below(slots);
      if (from === to) continue;
      const other = this.#boxIn[to] ?? -1;
      const before = this.#localCost(box, other, from, to);
      this.#swap(box, from, other, to);
      const gain = before - this.#localCost(box, other, from, to);
      const temperature = 1.2 * (1 - turn / (turns * 0.85));
      if (gain >= 0 || (temperature > 0 && this.#chance() < Math.exp(gain / temperature))) continue;
      this.#swap(box, to, other, from);
    }
  }

  #swap(box: number, from: number, other: number, to: number): void {
    this.#boxIn[from] = other;
    this.#boxIn[to] = box;
    this.#slotOf[box] = to;
    if (other >= 0) this.#slotOf[other] = from;
  }

  #localCost(box: number, other: number, from: number, to: number): number {
    const cost = this.#costOf(box) + (other >= 0 ? this.#costOf(other) : 0) + this.#balance();
    return cost + this.#passedBy(from) + this.#passedBy(to);
  }

  /** The cost of the box's lines and its neighbours. */
  #costOf(box: number): number {
    const here = this.#slotOf[box] ?? -1;
    if (here < 0) return 0;
    const [x, y] = [this.#xs[here] as number, this.#ys[here] as number];
    let cost = 0;
    for (const wire of this.#wiresOf[box] ?? []) cost += this.#costOfWire(wire);
    for (let other = 0; other < this.#slotOf.length; other++) {
      const slot = this.#slotOf[other] as number;
      if (other === box || slot < 0) continue;
      const far = Math.abs((this.#xs[slot] as number) - x) + 2 * Math.abs((this.#ys[slot] as number) - y);
      cost += CROWDING / (0.2 + (10 * far) / this.#size);
    }
    return cost;
  }

  #costOfWire(wire: Wire): number {
    const from = this.#slotOf[wire.a] ?? -1;
    const to = this.#slotOf[wire.b] ?? -1;
    const a = this.#slots.centers[from];
    const b = this.#slots.centers[to];
    if (a === undefined || b === undefined) return 0;
    const across = b.x - a.x;
    let cost = (LENGTH * (0.3 + wire.weight) * Math.hypot(across, 2 * (b.y - a.y))) / this.#size;
    const ahead = wire.direction * across;
    if (wire.direction !== 0 && ahead <= 0) cost += BACKWARDS * Math.abs(wire.direction) * (across === 0 ? 0.5 : 1);
    cost += THROUGH * this.#through(from, to);
    return cost + CROSSING * this.#crossings(wire, from, to);
  }

  /** Lines that a wire's straight line from slot to slot crosses. The innermost loop: numbers only. */
  #crossings(wire: Wire, from: number, to: number): number {
    const [xs, ys] = [this.#xs, this.#ys];
    const [ax, ay] = [xs[from] as number, ys[from] as number];
    const [dx, dy] = [(xs[to] as number) - ax, (ys[to] as number) - ay];
    let crossings = 0;
    for (const other of this.#wires) {
      if (other.a === wire.a || other.a === wire.b || other.b === wire.a || other.b === wire.b) continue;
      const c = this.#slotOf[other.a] as number;
      const d = this.#slotOf[other.b] as number;
      if (c < 0 || d < 0) continue;
      const [cx, cy] = [xs[c] as number, ys[c] as number];
      const [ex, ey] = [xs[d] as number, ys[d] as number];
      // The sides of each line on which the ends of the other are.
      const c1 = dx * (cy - ay) - dy * (cx - ax);
      const d1 = dx * (ey - ay) - dy * (ex - ax);
      if (c1 * d1 >= 0) continue;
      const a1 = (ex - cx) * (ay - cy) - (ey - cy) * (ax - cx);
      const b1 = (ex - cx) * (ay + dy - cy) - (ey - cy) * (ax + dx - cx);
      if (a1 * b1 < 0) crossings++;
    }
    return crossings;
  }

  /** Boxes on the straight line from slot to slot. */
  #through(from: number, to: number): number {
    const over = this.#passes.blockedSlots(from, to);
    let boxes = 0;
    for (let slot = 0; slot < over.length; slot++) if (over[slot] === 1 && (this.#boxIn[slot] ?? -1) >= 0) boxes++;
    return boxes;
  }

  /** The cost of a box in this slot for the lines of others. */
  #passedBy(slot: number): number {
    const box = this.#boxIn[slot] ?? -1;
    if (box < 0) return 0;
    let cost = 0;
    for (const wire of this.#wires) {
      if (wire.a === box || wire.b === box) continue;
      const from = this.#slotOf[wire.a] ?? -1;
      const to = this.#slotOf[wire.b] ?? -1;
      if (from >= 0 && to >= 0 && this.#passes.blockedSlots(from, to)[slot] === 1) cost += THROUGH;
    }
    return cost;
  }

  /** The distance between the center of all boxes and that of the picture. */
  #balance(): number {
    let [x, y, count] = [0, 0, 0];
    for (const slot of this.#slotOf) {
      const at = this.#slots.centers[slot];
      if (at === undefined) continue;
      x += at.x;
      y += at.y;
      count++;
    }
    const first = this.#slots.centers[0];
    const last = this.#slots.centers.at(-1);
    if (count === 0 || first === undefined || last === undefined) return 0;
    const off = Math.hypot(x / count - (first.x + last.x) / 2, 2 * (y / count - (first.y + last.y) / 2));
    return (OFF_CENTER * off) / this.#size;
  }

  /** Pseudo-random, the same in each run. */
  #chance(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random / 2 ** 32;
  }

  #below(limit: number): number {
    return Math.floor(this.#chance() * limit);
  }
}
