import type { MouseEvent } from '../input/mouse-event.ts';

/** What a terminal sends, as what it means. */
export type InputEvent =
  /** A key that types nothing: "up", "C-d", "S-tab", "escape" … */
  | { readonly kind: 'key'; readonly name: string }
  /** One character, whole. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string }
  | ({ readonly kind: 'mouse' } & MouseEvent)
  /** An answer of the terminal, or a sequence that means no key. */
  | { readonly kind: 'reply'; readonly text: string };
