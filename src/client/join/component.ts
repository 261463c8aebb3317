import { grown } from '../../flow/columns.ts';
import { type Entries, NONE } from './entries.ts';

/**
 * The pairs and entries that hang together with a pair. As a rule that is one connection; `ways` says where it is not.
 */
export class Component {
  readonly pairs: number[] = [];
  readonly members: number[] = [];
  #seen = new Uint32Array(64);
  #mark = 1;

  /** Forgets which pairs were collected: a new round. */
  begin(): void {
    this.#mark++;
  }

  /** These may be collected once more in this round. */
  release(pairs: readonly number[]): void {
    for (const pair of pairs) this.#seen[pair] = 0;
  }

  /** Collects what hangs together with this pair. False: that was collected in this round already, or nothing is there. */
  collect(pair: number, pairsEnd: number, entries: Entries): boolean {
    if (this.#seen.length < pairsEnd) this.#seen = grown(this.#seen, Math.ceil(pairsEnd * 1.5));
    this.pairs.length = 0;
    this.members.length = 0;
    if (this.#seen[pair] === this.#mark) return false;
    this.#visit(pair);
    for (let i = 0; i < this.pairs.length; i++) {
      const at = this.pairs[i] as number;
      for (let entry = entries.firstEntering(at); entry !== NONE; entry = entries.nextEntering(entry)) {
        this.members.push(entry);
        this.#visit(entries.leave[entry] as number);
      }
      for (let entry = entries.firstLeaving(at); entry !== NONE; entry = entries.nextLeaving(entry)) {
        this.#visit(entries.enter[entry] as number);
      }
    }
    return this.members.length > 0;
  }

  #visit(pair: number): void {
    if (this.#seen[pair] === this.#mark) return;
    this.#seen[pair] = this.#mark;
    this.pairs.push(pair);
  }
}
