import { type ActionName, KEYMAP } from './keymap.ts';

/** The meaning of a key. */
export type KeyResult =
  | { readonly kind: 'action'; readonly action: ActionName }
  /** It starts a sequence, or ends one without effect. */
  | { readonly kind: 'waits' | 'cancelled' }
  /** No binding; `keys`: the key with the ones before it in the sequence. */
  | { readonly kind: 'unbound'; readonly keys: string };

/** Turns keys into actions at once: only the first key of a sequence (`gg`, `gt`) waits for the next one. */
export class KeyReader {
  readonly #bindings = new Map<string, (typeof KEYMAP)[number]>();
  readonly #prefixes = new Set<string>();
  #prefix = '';

  constructor(keymap = KEYMAP) {
    for (const binding of keymap) {
      for (const keys of binding.keys) {
        this.#bindings.set(keys, binding);
        const space = keys.indexOf(' ');
        if (space > 0) this.#prefixes.add(keys.slice(0, space));
      }
    }
  }

  /** The started sequence that waits for its next key, for the footer. */
  get pending(): string {
    return this.#prefix;
  }

  read(key: string): KeyResult {
    const prefix = this.#prefix;
    if (prefix === '' && this.#prefixes.has(key)) {
      this.#prefix = key;
      return { kind: 'waits' };
    }
    this.#prefix = '';
    if (prefix !== '' && key === 'escape') return { kind: 'cancelled' };
    const keys = prefix === '' ? key : `${prefix} ${key}`;
    const binding = this.#bindings.get(keys);
    return binding === undefined ? { kind: 'unbound', keys } : { kind: 'action', action: binding.action };
  }
}
