import type { Derived } from '../data/derive.ts';
import type { ViewState } from '../state/state.ts';

/** A kind of file that what is shown can be written to. To add one is to add it to the registry. */
export interface ExportFormat {
  /** As in `:export csv`, and the file's extension. */
  readonly id: string;
  /** What it holds, for the help. */
  readonly help: string;
  /** The file in pieces, so that long ones need not be whole in memory. */
  pieces(state: ViewState, derived: Derived): Iterable<string>;
}
