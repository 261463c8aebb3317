/** A set of observers. Nearly always it has one or two, for which comparisons are faster than a Set. */
export class ObserverSet {
  #first = Number.NaN;
  #second = Number.NaN;
  #others: Set<number> | undefined;

  /** False: it was added before. */
  add(observer: number): boolean {
    if (observer === this.#first || observer === this.#second) return false;
    if (Number.isNaN(this.#first)) this.#first = observer;
    else if (Number.isNaN(this.#second)) this.#second = observer;
    else {
      this.#others ??= new Set();
      if (this.#others.has(observer)) return false;
      this.#others.add(observer);
    }
    return true;
  }
}
