import { type ActionName, type Binding, KEYMAP } from './keymap.ts';

export interface KeyAction {
  readonly action: ActionName;
  /** What was typed before it; absent: nothing. */
  readonly count?: number;
}

const MOST_COUNT = 1_000_000;

/**
 * Turns keys into actions: remembers a count (`5j`) and the first key of a sequence (`gg`). A digit alone switches the view
 * as soon as it is plain that it is no count: before a key that takes none, or when the caller settles it after a moment.
 */
export class KeyReader {
  readonly #bindings = new Map<string, Binding>();
  readonly #prefixes = new Set<string>();
  #digits = '';
  #prefix = '';

  constructor(keymap: readonly Binding[] = KEYMAP) {
    for (const binding of keymap) {
      for (const keys of binding.keys) {
        this.#bindings.set(keys, binding);
        const space = keys.indexOf(' ');
        if (space > 0) this.#prefixes.add(keys.slice(0, space));
      }
    }
  }

  /** What was begun and waits for its next key, for the footer. */
  get pending(): string {
    return this.#digits + this.#prefix;
  }

  /** The actions that a key completes: none, one, or a view's and then its own. */
  read(key: string): readonly KeyAction[] {
    if (/^\d$/.test(key) && (this.#digits !== '' || key !== '0')) {
      this.#digits += key;
      if (Number(this.#digits) > MOST_COUNT) this.#digits = '';
      return [];
    }
    if (this.#prefix === '' && this.#prefixes.has(key)) {
      this.#prefix = key;
      return [];
    }
    const binding = this.#bindings.get(this.#prefix === '' ? key : `${this.#prefix} ${key}`);
    const digits = this.#digits;
    const view = binding?.counted ? undefined : this.settle();
    this.clear();
    if (binding === undefined) return [];
    if (digits !== '' && binding.counted) return [{ action: binding.action, count: Number(digits) }];
    return [...(view === undefined ? [] : [view]), { action: binding.action }];
  }

  /** Nothing came for a moment: one digit alone is the key of a view; more of them, or a `g`, wait for what follows. */
  settle(): KeyAction | undefined {
    if (!/^\d$/.test(this.pending)) return undefined;
    const binding = this.#bindings.get(this.#digits);
    this.clear();
    return binding === undefined ? undefined : { action: binding.action };
  }

  clear(): void {
    this.#digits = '';
    this.#prefix = '';
  }
}
