import type { ViewState } from '../state.ts';
import { withMessage } from './messages.ts';
import { insertText } from './prompt.ts';

/** More than that is no filter and no command. */
const MAX_PASTED = 4096;

/** Text in a prompt; elsewhere nothing, and never keys. */
export function paste(state: ViewState, pasted: string): ViewState {
  if (state.question !== undefined) return state;
  if (state.prompt === undefined) return withMessage(state, 'pasted text does not act as keys: press / or : first');
  const line = oneLine(pasted);
  // No half of a character.
  const text = line.slice(0, MAX_PASTED).replace(/[\ud800-\udbff]$/, '');
  const inserted = insertText(state, text);
  return text === line ? inserted : withMessage(inserted, `only the first ${MAX_PASTED} characters were pasted`);
}

/** Lines are set apart by a blank: all of it is seen, and none of it is Enter. */
function oneLine(text: string): string {
  return (
    text
      .replace(/^[\r\n]+|[\r\n]+$/g, '')
      .replace(/\s*[\r\n]+\s*|\t/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
      .replace(/[\x00-\x1f\x7f-\x9f]/g, '')
  );
}
