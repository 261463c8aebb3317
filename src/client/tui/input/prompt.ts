import { parseFilter } from '../../filter/filter.ts';
import type { Prompt, ViewState } from '../state.ts';
import { withLayers } from './back-stack.ts';
import { runCommand } from './commands.ts';
import { completed } from './completion.ts';
import { edit } from './line-editor.ts';
import type { KeyPress, Scene, Transition } from './transition.ts';

const MOST_REMEMBERED = 50;

/** One key while a filter or command is being typed. A filter takes effect as it is typed. */
export function type(state: ViewState, key: KeyPress, scene: Scene): Transition {
  const typed = typeKey(state, key, scene);
  return { ...typed, state: withLayers(typed.state) };
}

function typeKey(state: ViewState, key: KeyPress, scene: Scene): Transition {
  const { prompt, ...rest } = state;
  if (prompt === undefined) return { state };
  switch (key.name) {
    case 'escape':
    case 'C-c':
      return { state: prompt.kind === 'filter' ? { ...rest, filter: '' } : rest };
    case 'enter':
      return entered(state, prompt, rest, scene);
    case 'up':
    case 'C-p':
      return { state: recall(state, prompt, 1) };
    case 'down':
    case 'C-n':
      return { state: recall(state, prompt, -1) };
    case 'tab': {
      const text = completed(state, prompt, scene) + prompt.text.slice(prompt.cursor);
      const cursor = text.length - (prompt.text.length - prompt.cursor);
      return { state: changed(state, { ...prompt, text, cursor, recalled: 0, draft: text }) };
    }
  }
  // Nothing left to take away: leave, as vim does.
  if (key.name === 'backspace' && prompt.text === '') return { state: rest };
  const edited = edit(prompt, key);
  return { state: changed(state, { ...prompt, ...edited, recalled: 0, draft: edited.text }) };
}

/** What is pasted stands where the cursor is. */
export function insertText(state: ViewState, text: string): ViewState {
  const { prompt } = state;
  if (prompt === undefined) return state;
  const edited = edit(prompt, { name: '', text });
  return withLayers(changed(state, { ...prompt, ...edited, recalled: 0, draft: edited.text }));
}

function changed(state: ViewState, prompt: Prompt): ViewState {
  return { ...state, prompt, ...(prompt.kind === 'filter' ? { filter: sound(prompt.text) } : {}) };
}

/** The filter without a word that is none yet. */
function sound(text: string): string {
  const parsed = parseFilter(text);
  if (parsed.ok) return text;
  const before = text.slice(0, text.lastIndexOf(' ', parsed.start) + 1);
  return sound(before.trimEnd());
}

function entered(state: ViewState, prompt: Prompt, closed: ViewState, scene: Scene): Transition {
  const text = prompt.text.trim();
  // The footer says what is wrong with it.
  if (prompt.kind === 'filter' && !parseFilter(text).ok) return { state };
  const others = state.told[prompt.kind].filter((one) => one !== text);
  const told = text === '' ? others : [...others, text].slice(-MOST_REMEMBERED);
  const after: ViewState = { ...closed, told: { ...state.told, [prompt.kind]: told } };
  return prompt.kind === 'filter' ? { state: { ...after, filter: text } } : runCommand(after, text, scene);
}

/** Back (1) and forth (-1) in what was entered before; before all of that is what was being typed. */
function recall(state: ViewState, prompt: Prompt, step: 1 | -1): ViewState {
  const told = state.told[prompt.kind];
  const recalled = Math.max(0, Math.min(told.length, prompt.recalled + step));
  if (recalled === prompt.recalled) return state;
  const text = recalled === 0 ? prompt.draft : (told.at(-recalled) ?? '');
  return changed(state, { ...prompt, text, cursor: text.length, recalled });
}
