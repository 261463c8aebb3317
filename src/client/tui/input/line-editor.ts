import { graphemes } from '../../format/width.ts';
import type { KeyPress } from './transition.ts';

export interface EditedLine {
  readonly text: string;
  /** Characters before the cursor. */
  readonly cursor: number;
}

/** A line after one key, with the keys of a shell. */
export function editLine({ text, cursor }: EditedLine, key: KeyPress): EditedLine {
  const before = text.slice(0, cursor);
  const behind = text.slice(cursor);
  switch (key.name) {
    case 'backspace':
      return { text: before.slice(0, cursor - last(before)) + behind, cursor: cursor - last(before) };
    case 'delete':
    case 'C-d':
      return { text: before + behind.slice(first(behind)), cursor };
    case 'left':
    case 'C-b':
      return { text, cursor: cursor - last(before) };
    case 'right':
    case 'C-f':
      return { text, cursor: cursor + first(behind) };
    case 'C-left':
      return { text, cursor: before.search(/\S*\s*$/) };
    case 'C-right':
      return { text, cursor: cursor + (/^\s*\S*/.exec(behind)?.[0].length ?? 0) };
    case 'home':
    case 'C-a':
      return { text, cursor: 0 };
    case 'end':
    case 'C-e':
      return { text, cursor: text.length };
    case 'C-u':
      return { text: behind, cursor: 0 };
    case 'C-k':
      return { text: before, cursor };
    case 'C-w': {
      const kept = before.replace(/\S*\s*$/, '');
      return { text: kept + behind, cursor: kept.length };
    }
  }
  return { text: before + key.text + behind, cursor: cursor + key.text.length };
}

/** The length in UTF-16 units of the first and the last grapheme. */
function first(text: string): number {
  return graphemes(text)[0]?.length ?? 0;
}

function last(text: string): number {
  return graphemes(text).at(-1)?.length ?? 0;
}
