import type { DrawnGraph } from '../graph-pane/navigation.ts';
import type { SuggestedActionId, ViewState } from '../state.ts';
import type { Layout } from '../view-model/layout.ts';
import type { ViewModel } from '../view-model/view-model.ts';
import type { ExportFormat } from './export-formats.ts';
import type { ActionName } from './keymap.ts';
import type { MouseEvent } from './mouse-event.ts';
import type { PlaybackAction } from './playback-control.ts';

/** What is on the screen when an event comes. */
export interface Frame {
  readonly viewModel: ViewModel;
  readonly panes: Layout['panes'];
  /** The graph as it was drawn last. */
  readonly graph: DrawnGraph;
  /** Of a recording that is played: its keys do something. */
  readonly isRecording: boolean;
}

/** What happened, in the terms of the console. */
export type ConsoleEvent =
  | { readonly kind: 'action'; readonly action: ActionName; readonly count?: number }
  | { readonly kind: 'unbound'; readonly keys: string }
  /** While a filter or command is typed. */
  | { readonly kind: 'prompt-key'; readonly key: KeyPress }
  /** To a question that is shown. */
  | { readonly kind: 'answer'; readonly isYes: boolean }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'mouse'; readonly event: MouseEvent };

/** What an event asks of the world outside the state. */
export type Effect =
  | { readonly kind: 'quit' | 'interrupt' | 'suspend' | 'copy' }
  | { readonly kind: 'export'; readonly format: ExportFormat; readonly file: string }
  | { readonly kind: 'playback'; readonly action: PlaybackAction }
  /** Its key was pressed; or its question was answered with yes. */
  | { readonly kind: 'suggested-action' | 'confirmed-action'; readonly id: SuggestedActionId };

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
