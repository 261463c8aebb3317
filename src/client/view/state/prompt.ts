import { EXPORT_FORMATS, exportWanted } from '../export/registry.ts';
import { GROUPINGS, type Grouping } from '../graph/grouping.ts';
import type { Effect, Scene } from './act.ts';
import { toView } from './act.ts';
import { VIEW_IDS, type ViewId, type ViewState } from './state.ts';

export interface PromptKey {
  /** As blessed names it: "enter", "backspace", "C-u" … */
  readonly name: string;
  /** What it types; empty for a key that types nothing. */
  readonly text: string;
}

export interface Typed {
  readonly state: ViewState;
  readonly effect?: Effect;
}

/** One key while a filter or command is being typed. A filter takes effect as it is typed. */
export function type(state: ViewState, key: PromptKey, scene: Scene): Typed {
  const { prompt, ...rest } = state;
  if (prompt === undefined) return { state };
  if (key.name === 'escape' || key.name === 'C-c')
    return { state: prompt.kind === 'filter' ? { ...rest, filter: '' } : rest };
  if (key.name === 'enter' || key.name === 'return')
    return prompt.kind === 'filter' ? { state: rest } : runCommand(rest, prompt.text, scene);
  const [text, cursor] = edited(prompt.text, prompt.cursor, key, prompt.kind === 'command' ? scene : undefined);
  const next = { ...state, prompt: { ...prompt, text, cursor } };
  return { state: prompt.kind === 'filter' ? { ...next, filter: text } : next };
}

function edited(text: string, cursor: number, key: PromptKey, completing: Scene | undefined): [string, number] {
  switch (key.name) {
    case 'backspace':
      return [text.slice(0, Math.max(0, cursor - 1)) + text.slice(cursor), Math.max(0, cursor - 1)];
    case 'delete':
      return [text.slice(0, cursor) + text.slice(cursor + 1), cursor];
    case 'left':
      return [text, Math.max(0, cursor - 1)];
    case 'right':
      return [text, Math.min(text.length, cursor + 1)];
    case 'home':
    case 'C-a':
      return [text, 0];
    case 'end':
    case 'C-e':
      return [text, text.length];
    case 'C-u':
      return [text.slice(cursor), 0];
    case 'C-w': {
      const kept = text.slice(0, cursor).replace(/\S*\s*$/, '');
      return [kept + text.slice(cursor), kept.length];
    }
    case 'tab': {
      if (completing === undefined) return [text, cursor];
      const completed = complete(text, completing);
      return [completed, completed.length];
    }
  }
  if (key.text === '') return [text, cursor];
  return [text.slice(0, cursor) + key.text + text.slice(cursor), cursor + key.text.length];
}

interface Command {
  readonly name: string;
  /** The values that its argument may have, for completion; undefined: anything. */
  values?(scene: Scene): readonly string[];
  run(state: ViewState, argument: string, scene: Scene): Typed;
}

function refuse(state: ViewState, text: string): Typed {
  return { state: { ...state, message: { kind: 'error', text } } };
}

function oneOf(name: string, values: readonly string[]): string {
  return `:${name} takes one of: ${values.join(', ')}`;
}

function sortable(scene: Scene): readonly string[] {
  return scene.derived.table('connections').columns.map(({ id }) => id);
}

/** Every command of the command line. To add one is to add it here. */
const COMMANDS: readonly Command[] = [
  {
    name: 'sort',
    values: sortable,
    run(state, argument, scene) {
      const { columns } = scene.derived.table('connections');
      const column = columns.find(({ id }) => id === argument);
      if (column === undefined) return refuse(state, oneOf('sort', sortable(scene)));
      return {
        state: { ...state, sorts: { ...state.sorts, connections: { column: column.id, direction: column.first } } },
      };
    },
  },
  { name: 'filter', run: (state, argument) => ({ state: { ...state, filter: argument } }) },
  {
    name: 'view',
    values: () => VIEW_IDS,
    run(state, argument) {
      const view = VIEW_IDS.find((id, i) => id === argument || String(i + 1) === argument);
      return view === undefined ? refuse(state, oneOf('view', VIEW_IDS)) : { state: toView(state, view as ViewId) };
    },
  },
  { name: 'ns', run: (state, argument) => ({ state: { ...state, filter: argument === '' ? '' : `ns:${argument}` } }) },
  {
    name: 'node',
    values: ({ derived }) => derived.snapshot.agents.map(({ node }) => node),
    run(state, argument, { derived }) {
      const agent = derived.snapshot.agents.find(({ node }) => node === argument);
      if (agent === undefined)
        return refuse(state, `no agent on a node ${JSON.stringify(argument)}; view 7 lists them`);
      return { state: { ...state, drill: { kind: 'node', node: agent.key } } };
    },
  },
  {
    name: 'group',
    values: () => GROUPINGS,
    run(state, argument) {
      if (!GROUPINGS.includes(argument as Grouping)) return refuse(state, oneOf('group', GROUPINGS));
      return { state: { ...state, grouping: argument as Grouping } };
    },
  },
  {
    name: 'export',
    values: () => EXPORT_FORMATS.map(({ id }) => id),
    run: (state, argument) => ({
      state,
      effect: { kind: 'export', ...exportWanted(argument.split(' ').filter((word) => word !== '')) },
    }),
  },
  { name: 'help', run: (state) => ({ state: { ...state, help: true, helpTop: 0 } }) },
  { name: 'q', run: (state) => ({ state, effect: { kind: 'quit' } }) },
  { name: 'quit', run: (state) => ({ state, effect: { kind: 'quit' } }) },
];

function runCommand(state: ViewState, text: string, scene: Scene): Typed {
  const [name = '', ...words] = text.trim().split(/\s+/);
  if (name === '') return { state };
  const command = COMMANDS.find((one) => one.name === name);
  const names = COMMANDS.map((one) => one.name);
  if (command === undefined) return refuse(state, `no command :${name}; there are ${names.join(', ')}`);
  return command.run(state, words.join(' '), scene);
}

/** The text, completed as far as it is the same for all that it could become. */
function complete(text: string, scene: Scene): string {
  const space = text.indexOf(' ');
  if (space < 0) {
    const names = COMMANDS.map(({ name }) => name).filter((name) => name.startsWith(text));
    return names.length === 1 ? `${names[0]} ` : common(names, text);
  }
  const command = COMMANDS.find(({ name }) => name === text.slice(0, space));
  const begun = text.slice(space + 1);
  const values = (command?.values?.(scene) ?? []).filter((value) => value.startsWith(begun));
  return text.slice(0, space + 1) + common(values, begun);
}

function common(values: readonly string[], begun: string): string {
  const [first = begun] = values;
  let length = first.length;
  for (const value of values) while (!value.startsWith(first.slice(0, length))) length--;
  return values.length === 0 ? begun : first.slice(0, length);
}
