import type { DrawnGraph } from '../graph-pane/navigation.ts';
import type { SuggestedActionId, ViewState } from '../state.ts';
import type { Layout } from '../view-model/layout.ts';
import type { ViewModel } from '../view-model/view-model.ts';
import type { ExportFormat } from './export-formats.ts';
import type { ActionName } from './keymap.ts';
import type { MouseEvent } from './mouse-event.ts';
import type { PlaybackAction } from './playback-control.ts';

/** The screen at the time of an event. */
export interface Frame {
  readonly viewModel: ViewModel;
  readonly panes: Layout['panes'];
  /** The last drawn graph. */
  readonly graph: DrawnGraph;
  /** In a replay, the playback keys are active. */
  readonly isRecording: boolean;
}

/** An event of the console. */
export type ConsoleEvent =
  | { readonly kind: 'action'; readonly action: ActionName; readonly count?: number }
  | { readonly kind: 'unbound'; readonly keys: string }
  /** A key while a prompt is open. */
  | { readonly kind: 'prompt-key'; readonly key: KeyPress }
  /** The answer to a question. */
  | { readonly kind: 'answer'; readonly isYes: boolean }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'mouse'; readonly event: MouseEvent };

/** Work outside of the state. */
export type Effect =
  | { readonly kind: 'quit' | 'interrupt' | 'suspend' | 'copy' }
  | { readonly kind: 'export'; readonly format: ExportFormat; readonly file: string }
  | { readonly kind: 'playback'; readonly action: PlaybackAction }
  /** The action's key was pressed, or its question was confirmed. */
  | { readonly kind: 'suggested-action' | 'confirmed-action'; readonly id: SuggestedActionId };

/** The result of an event: the new state, and work outside of it. */
export interface Transition {
  readonly state: ViewState;
  readonly effect?: Effect;
}

export interface KeyPress {
  /** "enter", "backspace", "C-u" …; or a character. */
  readonly name: string;
  /** The typed text; empty for other keys. */
  readonly text: string;
}
