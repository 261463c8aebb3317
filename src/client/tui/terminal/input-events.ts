import type { MouseEvent } from '../input/mouse-event.ts';

/** Decoded input of a terminal. */
export type InputEvent =
  /** A key without text: "up", "C-d", "S-tab", "escape" … */
  | { readonly kind: 'key'; readonly name: string }
  /** One character, whole. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string }
  | ({ readonly kind: 'mouse' } & MouseEvent)
  /** A reply of the terminal, or an unknown sequence. */
  | { readonly kind: 'reply'; readonly text: string };
