import type { ViewId } from '../state.ts';

export interface Binding {
  /** Keys by the decoder's names ("C-d", "pagedown"); a sequence has a space ("g g"). */
  readonly keys: readonly string[];
  /** The keys in the help. */
  readonly label: string;
  /** A name in `HANDLERS` or `EFFECTS` of update.ts. */
  readonly action: string;
  readonly help: string;
  readonly section: 'Move' | 'Sort' | 'Filter' | 'Display' | 'Actions' | 'Recording' | 'Views';
  /** Shown in the footer during playback, before the others. */
  readonly replayHint?: { readonly playing: string; readonly paused?: string; readonly ended?: string };
  /** Shown in the footer of these views, in this order. */
  readonly hint?: { readonly text: string; readonly frozen?: string; readonly views: readonly ViewId[] };
}
