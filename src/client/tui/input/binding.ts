import type { OfferId, ViewId } from '../state.ts';

/** What a key does. The name is also what the tests and the reducer know it by. */
export type ActionName =
  | 'down'
  | 'up'
  | 'first'
  | 'last'
  | 'half-down'
  | 'half-up'
  | 'page-down'
  | 'page-up'
  | 'pane-left'
  | 'pane-right'
  | 'pane-next'
  | 'pane-previous'
  | 'edge-next'
  | 'edge-previous'
  | 'columns-left'
  | 'columns-right'
  | 'sort-left'
  | 'sort-right'
  | 'sort-reverse'
  | 'sort-state'
  | 'filter'
  | 'cycle-state'
  | 'cycle-family'
  | 'cycle-names'
  | 'enter'
  | 'back'
  | 'drop-drill'
  | 'freeze'
  | 'seek-back'
  | 'seek-forth'
  | 'slower'
  | 'faster'
  | 'cycle-group'
  | 'toggle-wide'
  | 'zoom'
  | 'copy'
  | 'export'
  | 'command'
  | 'help'
  | 'quit'
  | 'interrupt'
  | 'suspend'
  | `offer-${OfferId}`
  | 'view-next'
  | 'view-previous'
  | `view-${number}`;

export interface Binding {
  /** As the decoder names keys ("C-d", "pagedown"); a sequence has a space ("g g"). */
  readonly keys: readonly string[];
  /** As people read them. */
  readonly label: string;
  readonly action: ActionName;
  readonly help: string;
  readonly section: 'Move' | 'Sort' | 'Filter' | 'Display' | 'Actions' | 'Recording' | 'Views';
  /** In the footer while a recording is played, before the others. */
  readonly replayHint?: { readonly playing: string; readonly paused?: string; readonly ended?: string };
  /** In the footer of these views, in this order. */
  readonly hint?: { readonly text: string; readonly frozen?: string; readonly views: readonly ViewId[] };
}
