import type { ViewState } from '../state.ts';
import { withMessage } from './messages.ts';
import { insertText } from './prompt.ts';

/** No filter or command is longer. */
const MAX_PASTED = 4096;

/** Inserts text into a prompt; ignored elsewhere, and never treated as keys. */
export function paste(state: ViewState, pasted: string): ViewState {
  if (state.question !== undefined) return state;
  if (state.prompt === undefined) return withMessage(state, 'pasted text does not act as keys: press / or : first');
  const line = oneLine(pasted);
  // No half of a character.
  const text = line.slice(0, MAX_PASTED).replace(/[\ud800-\udbff]$/, '');
  const inserted = insertText(state, text);
  return text === line ? inserted : withMessage(inserted, `only the first ${MAX_PASTED} characters were pasted`);
}

/** Replaces line ends by blanks: all text is visible, and nothing acts as Enter. */
function oneLine(text: string): string {
  return (
    text
      .replace(/^[\r\n]+|[\r\n]+$/g, '')
      .replace(/\s*[\r\n]+\s*|\t/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
      .replace(/[\x00-\x1f\x7f-\x9f]/g, '')
  );
}
