import { parseFilter } from '../../filter/filter.ts';
import type { Prompt, ViewState } from '../state.ts';
import { withLayers } from './back-stack.ts';
import { runCommand } from './commands.ts';
import { complete } from './completion.ts';
import { editLine } from './line-editor.ts';
import type { Frame, KeyPress, Transition } from './transition.ts';

const MAX_HISTORY = 50;

/** One key while a filter or command is being typed. A filter takes effect as it is typed. */
export function handlePromptKey(state: ViewState, key: KeyPress, frame: Frame): Transition {
  const typed = typeKey(state, key, frame);
  return { ...typed, state: withLayers(typed.state) };
}

function typeKey(state: ViewState, key: KeyPress, frame: Frame): Transition {
  const { prompt, ...rest } = state;
  if (prompt === undefined) return { state };
  switch (key.name) {
    case 'escape':
    case 'C-c':
      return { state: prompt.kind === 'filter' ? { ...rest, filter: '' } : rest };
    case 'enter':
      return submit(state, prompt, rest, frame);
    case 'up':
    case 'C-p':
      return { state: recallHistory(state, prompt, 1) };
    case 'down':
    case 'C-n':
      return { state: recallHistory(state, prompt, -1) };
    case 'tab': {
      const text = complete(state, prompt, frame) + prompt.text.slice(prompt.cursor);
      const cursor = text.length - (prompt.text.length - prompt.cursor);
      return { state: withPrompt(state, { ...prompt, text, cursor, historyIndex: 0, draft: text }) };
    }
  }
  // Backspace in an empty prompt closes it, as in vim.
  if (key.name === 'backspace' && prompt.text === '') return { state: rest };
  const edited = editLine(prompt, key);
  return { state: withPrompt(state, { ...prompt, ...edited, historyIndex: 0, draft: edited.text }) };
}

/** Inserts pasted text at the cursor. */
export function insertText(state: ViewState, text: string): ViewState {
  const { prompt } = state;
  if (prompt === undefined) return state;
  const edited = editLine(prompt, { name: '', text });
  return withLayers(withPrompt(state, { ...prompt, ...edited, historyIndex: 0, draft: edited.text }));
}

function withPrompt(state: ViewState, prompt: Prompt): ViewState {
  return { ...state, prompt, ...(prompt.kind === 'filter' ? { filter: longestValidFilter(prompt.text) } : {}) };
}

/** The filter without an incomplete term. */
function longestValidFilter(text: string): string {
  const parsed = parseFilter(text);
  if (parsed.ok) return text;
  const before = text.slice(0, text.lastIndexOf(' ', parsed.start) + 1);
  return longestValidFilter(before.trimEnd());
}

function submit(state: ViewState, prompt: Prompt, closed: ViewState, frame: Frame): Transition {
  const text = prompt.text.trim();
  // The footer shows the error.
  if (prompt.kind === 'filter' && !parseFilter(text).ok) return { state };
  const others = state.promptHistory[prompt.kind].filter((one) => one !== text);
  const reported = text === '' ? others : [...others, text].slice(-MAX_HISTORY);
  const after: ViewState = { ...closed, promptHistory: { ...state.promptHistory, [prompt.kind]: reported } };
  return prompt.kind === 'filter' ? { state: { ...after, filter: text } } : runCommand(after, text, frame);
}

/** Moves back (1) and forward (-1) in the history; the newest entry is the line that is being typed. */
function recallHistory(state: ViewState, prompt: Prompt, step: 1 | -1): ViewState {
  const reported = state.promptHistory[prompt.kind];
  const historyIndex = Math.max(0, Math.min(reported.length, prompt.historyIndex + step));
  if (historyIndex === prompt.historyIndex) return state;
  const text = historyIndex === 0 ? prompt.draft : (reported.at(-historyIndex) ?? '');
  return withPrompt(state, { ...prompt, text, cursor: text.length, historyIndex });
}
