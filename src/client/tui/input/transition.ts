import type { DrawnGraph } from '../graph-pane/navigation.ts';
import type { OfferId, ViewState } from '../state.ts';
import type { Layout } from '../view-model/layout.ts';
import type { ViewModel } from '../view-model/view-model.ts';
import type { ExportFormat } from './export-formats.ts';

export interface Frame {
  readonly viewModel: ViewModel;
  readonly panes: Layout['panes'];
  /** The graph as it was drawn last. */
  readonly graph: DrawnGraph;
}

/** What an event asks of the world outside the state. */
export type Effect =
  | { readonly kind: 'quit' | 'interrupt' | 'suspend' | 'copy' }
  | { readonly kind: 'export'; readonly format: ExportFormat; readonly file: string }
  | { readonly kind: 'offer'; readonly id: OfferId };

/** What an event makes of the state, and what it asks of the world outside. */
export interface Transition {
  readonly state: ViewState;
  readonly effect?: Effect;
}

export interface KeyPress {
  /** "enter", "backspace", "C-u" …; of a character, the character. */
  readonly name: string;
  /** What it types; empty for a key that types nothing. */
  readonly text: string;
}
