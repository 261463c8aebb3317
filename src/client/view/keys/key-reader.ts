import { type ActionName, type Binding, KEYMAP } from './keymap.ts';

export interface KeyAction {
  readonly action: ActionName;
  /** What was typed before it; absent: nothing. */
  readonly count?: number;
}

const MOST_COUNT = 1_000_000;

/**
 * Turns keys into actions: remembers a count (`5j`) and the first key of a sequence (`gg`). A digit alone switches the view
 * as soon as it is plain that it is no count: so the reader says `pending` and the caller settles it after a moment.
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

  /** The action that a key completes, if any. */
  read(key: string): KeyAction | undefined {
    if (/^\d$/.test(key) && (this.#digits !== '' || key !== '0')) {
      this.#digits += key;
      if (Number(this.#digits) > MOST_COUNT) this.#digits = '';
      return undefined;
    }
    const keys = this.#prefix === '' ? key : `${this.#prefix} ${key}`;
    if (this.#prefix === '' && this.#prefixes.has(key)) {
      this.#prefix = key;
      return undefined;
    }
    const binding = this.#bindings.get(keys);
    const digits = this.#digits;
    this.clear();
    if (binding === undefined) return undefined;
    if (digits === '' || !binding.counted) return { action: binding.action };
    return { action: binding.action, count: Number(digits) };
  }

  /** Nothing came for a moment: one digit alone is the key of a view. */
  settle(): KeyAction | undefined {
    const digits = this.#digits;
    const binding = this.#prefix === '' ? this.#bindings.get(digits) : undefined;
    this.clear();
    return binding === undefined ? undefined : { action: binding.action };
  }

  clear(): void {
    this.#digits = '';
    this.#prefix = '';
  }
}
