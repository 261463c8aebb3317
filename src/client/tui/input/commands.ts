import { formatTerm, parseFilter } from '../../filter/filter.ts';
import { tokenize } from '../../filter/lexer.ts';
import { GROUPINGS } from '../../traffic/grouping.ts';
import { WORKLOAD_GROUPINGS } from '../../traffic/workload-rows.ts';
import { openPrompt, type Sort, VIEW_IDS, type ViewState } from '../state.ts';
import { activeTable } from '../view-model/table-cursor.ts';
import { withSortInView } from './column-scroll.ts';
import { defaultFormat, EXPORT_FORMATS, exportCommand, parseExportArguments } from './export-formats.ts';
import { openHelp } from './help-screen.ts';
import { withoutMessage } from './messages.ts';
import { moveBy, moveToEnd, moveToRow } from './move.ts';
import { switchView } from './switch-view.ts';
import type { Frame, Transition } from './transition.ts';

export interface Command {
  readonly name: string;
  /** Its argument, for the help line while it is typed. */
  readonly usage: string;
  /** The values that its argument may have, for completion; undefined: anything. */
  values?(state: ViewState, frame: Frame): readonly string[];
  run(state: ViewState, argument: string, frame: Frame): Transition;
}

/** No table has more rows. */
const MAX_ROW = 1e9;

/** Every command of the command line. To add a command, add an object here. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'sort',
    usage: 'COLUMN: sort by it; -COLUMN, or again: reverse',
    values: columnIds,
    run(state, argument, frame) {
      const id = activeTable(state);
      const isReversed = argument.startsWith('-');
      const wanted = argument.slice(isReversed ? 1 : 0);
      const column = frame.viewModel.table(id).sortable.find((one) => one.id === wanted);
      if (column === undefined) return refuse(state, oneOf('sort', argument, columnIds(state, frame)));
      const before = state.sorts[id];
      const reverse = (direction: Sort['direction']) => (direction === 'ascending' ? 'descending' : 'ascending');
      const toggled = before.column === column.id ? reverse(before.direction) : column.defaultDirection;
      const direction = isReversed ? reverse(column.defaultDirection) : toggled;
      const sorted = { ...state, sorts: { ...state.sorts, [id]: { column: column.id, direction } } };
      return { state: withSortInView(sorted, id, frame) };
    },
  },
  {
    name: 'filter',
    usage: 'WORDS: as after /; nothing clears it',
    run(state, argument) {
      const filter = parseFilter(argument);
      return filter.ok ? { state: { ...state, filter: argument } } : refuse(state, `:filter: ${filter.message}`);
    },
  },
  {
    name: 'view',
    usage: 'NAME or its number',
    values: () => VIEW_IDS,
    run(state, argument) {
      const view = VIEW_IDS.find((id, i) => id === argument || String(i + 1) === argument);
      return view === undefined ? refuse(state, oneOf('view', argument, VIEW_IDS)) : { state: switchView(state, view) };
    },
  },
  {
    name: 'ns',
    usage: 'NAMESPACE: only its connections; nothing: all',
    values: (_, { viewModel }) => namespaces(viewModel.snapshot.connections),
    run: (state, argument) => ({ state: { ...state, filter: withNamespace(state.filter, argument) } }),
  },
  {
    name: 'node',
    usage: 'NODE: only what its agent saw; nothing: all',
    values: (_, { viewModel }) => viewModel.snapshot.agents.map(({ node }) => node),
    run(state, argument, { viewModel }) {
      const { drill: _, ...all } = state;
      if (argument === '') return { state: { ...all, backStack: [] } };
      const agent = viewModel.snapshot.agents.find(({ node }) => node === argument);
      if (agent === undefined)
        return refuse(state, `no agent on a node ${JSON.stringify(argument)}; view 7 lists them`);
      return { state: { ...state, drill: { kind: 'node', node: agent.key, label: agent.node } } };
    },
  },
  {
    name: 'group',
    usage: 'the graph by node, namespace or workload; workloads by pod, workload or namespace',
    values: (state) => (state.view === 'workloads' ? WORKLOAD_GROUPINGS : GROUPINGS),
    run(state, argument) {
      if (state.view === 'workloads') {
        const workloadGrouping = WORKLOAD_GROUPINGS.find((one) => one === argument);
        return workloadGrouping === undefined
          ? refuse(state, oneOf('group', argument, WORKLOAD_GROUPINGS))
          : { state: { ...state, workloadGrouping } };
      }
      const grouping = GROUPINGS.find((one) => one === argument);
      return grouping === undefined
        ? refuse(state, oneOf('group', argument, GROUPINGS))
        : { state: { ...state, grouping } };
    },
  },
  {
    name: 'export',
    usage: `[${EXPORT_FORMATS.map(({ id }) => id).join('|')}] [FILE]: what is shown, to a file`,
    values: () => EXPORT_FORMATS.map(({ id }) => id),
    run(state, argument, { viewModel }) {
      const wanted = parseExportArguments(argument);
      if (typeof wanted === 'string') return refuse(state, wanted);
      const { format = defaultFormat(state), file } = wanted;
      if (file !== undefined) return { state, effect: { kind: 'export', format, file } };
      return { state: openPrompt(state, 'command', exportCommand(state, format, viewModel.snapshot.at)) };
    },
  },
  { name: 'help', usage: 'the keys', run: (state) => ({ state: openHelp(state) }) },
  { name: 'q', usage: 'quit', run: (state) => ({ state, effect: { kind: 'quit' } }) },
  { name: 'quit', usage: 'quit', run: (state) => ({ state, effect: { kind: 'quit' } }) },
];

/** Commands that are not names go to a row: `:120` that one, `:$` the last, `:+20` and `:-20` down and up. */
export const ROW_COMMAND = { names: ':120 :+20 :-20', usage: 'to that row; so many rows down, up; :$ the last' };

function toRow(state: ViewState, text: string, frame: Frame): ViewState | undefined {
  if (text === '$') return moveToEnd('last')(withoutMessage(state), frame, undefined);
  const [, sign, digits] = /^([+-]?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const rows = Math.min(Number(digits), MAX_ROW);
  if (sign === '') return moveToRow(state, frame, rows);
  return rows === 0 ? state : moveBy(() => (sign === '+' ? rows : -rows))(withoutMessage(state), frame, undefined);
}

export function runCommand(state: ViewState, text: string, frame: Frame): Transition {
  const moved = toRow(state, text, frame);
  if (moved !== undefined) return { state: moved };
  const [, name = '', argument = ''] = /^(\S*)\s*(.*)$/.exec(text.trim()) ?? [];
  if (name === '') return { state };
  // Users of vim type "q!".
  const command = COMMANDS.find((one) => one.name === name.replace(/!$/, ''));
  const names = COMMANDS.map((one) => one.name);
  if (command === undefined) return refuse(state, `unknown command :${name}; commands: ${names.join(', ')}`);
  return command.run(state, argument, frame);
}

function refuse(state: ViewState, text: string): Transition {
  return { state: { ...state, message: { kind: 'error', text } } };
}

function oneOf(name: string, given: string, values: readonly string[]): string {
  return `:${name} ${given === '' ? '' : `does not know ${JSON.stringify(given)}; it `}takes one of: ${values.join(', ')}`;
}

function columnIds(state: ViewState, { viewModel }: Frame): readonly string[] {
  return viewModel.table(activeTable(state)).sortable.map(({ id }) => id);
}

function namespaces(connections: Frame['viewModel']['shown']): string[] {
  const found = new Set<string>();
  for (const { source, destination } of connections)
    for (const { namespace } of [source, destination]) if (namespace !== undefined) found.add(namespace);
  return [...found].sort();
}

/** Replaces the namespaces of the filter by this one. */
function withNamespace(filter: string, namespace: string): string {
  const split = tokenize(filter);
  const terms = 'terms' in split ? split.terms : [];
  const others = terms.filter(({ field }) => !/^(ns|namespace)$/i.test(field?.text ?? ''));
  const kept = others.map(({ start, end }) => filter.slice(start, end));
  return [...kept, ...(namespace === '' ? [] : [formatTerm('ns', [namespace])])].join(' ');
}
