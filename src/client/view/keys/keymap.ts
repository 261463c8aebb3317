import type { OfferId } from '../offers.ts';
import type { ViewId } from '../state/state.ts';

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
  | 'toggle-names'
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
  readonly shown: string;
  readonly action: ActionName;
  readonly help: string;
  readonly section: 'Move' | 'Sort' | 'Filter' | 'Look' | 'Act' | 'Recording' | 'Views';
  /** In the footer while a recording is played, before the others. */
  readonly replayHint?: { readonly playing: string; readonly paused?: string; readonly ended?: string };
  /** In the footer of these views, in this order. */
  readonly hint?: { readonly text: string; readonly frozen?: string; readonly views: readonly ViewId[] };
}

const TABLES: readonly ViewId[] = ['overview', 'connections', 'workloads', 'services', 'problems', 'agents'];
const EVERYWHERE: readonly ViewId[] = [...TABLES, 'graph'];

/** Every key. To add one is to add it here; the help and the footer are made from this. */
export const KEYMAP: readonly Binding[] = [
  {
    keys: ['j', 'down'],
    shown: 'j ↓',
    action: 'down',
    help: 'row down; the box below',
    section: 'Move',
  },
  { keys: ['k', 'up'], shown: 'k ↑', action: 'up', help: 'row up; the box above', section: 'Move' },
  {
    keys: ['g g', 'home'],
    shown: 'gg Home',
    action: 'first',
    help: 'first row (:120 the 120th)',
    section: 'Move',
  },
  {
    keys: ['G', 'end'],
    shown: 'G End',
    action: 'last',
    help: 'last row (:+20 and :-20 move)',
    section: 'Move',
  },
  { keys: ['C-d'], shown: 'Ctrl-d', action: 'half-down', help: 'half a page down', section: 'Move' },
  { keys: ['C-u'], shown: 'Ctrl-u', action: 'half-up', help: 'half a page up', section: 'Move' },
  {
    keys: ['C-f', 'pagedown'],
    shown: 'Ctrl-f PgDn',
    action: 'page-down',
    help: 'page down',
    section: 'Move',
  },
  { keys: ['C-b', 'pageup'], shown: 'Ctrl-b PgUp', action: 'page-up', help: 'page up', section: 'Move' },
  {
    keys: ['h', 'left'],
    shown: 'h ←',
    action: 'pane-left',
    help: 'box or pane to the left (leftmost: this help)',
    section: 'Move',
  },
  {
    keys: ['l', 'right'],
    shown: 'l →',
    action: 'pane-right',
    help: 'box or pane to the right',
    section: 'Move',
  },
  {
    keys: ['.'],
    shown: '.',
    action: 'edge-next',
    help: 'graph: next line of the box, the heaviest first',
    section: 'Move',
    hint: { text: '. , lines', views: ['graph'] },
  },
  { keys: [','], shown: ',', action: 'edge-previous', help: 'graph: line before', section: 'Move' },
  { keys: ['tab'], shown: 'Tab', action: 'pane-next', help: 'next pane', section: 'Move' },
  { keys: ['S-tab'], shown: 'Shift-Tab', action: 'pane-previous', help: 'previous pane', section: 'Move' },
  { keys: ['{', 'S-left'], shown: '{ Shift-←', action: 'columns-left', help: 'columns to the left', section: 'Move' },
  {
    keys: ['}', 'S-right'],
    shown: '} Shift-→',
    action: 'columns-right',
    help: 'columns that do not fit',
    section: 'Move',
  },
  {
    keys: ['<'],
    shown: '<',
    action: 'sort-left',
    help: 'sort by the column to the left',
    section: 'Sort',
    hint: { text: '< > sort', views: TABLES },
  },
  { keys: ['>'], shown: '>', action: 'sort-right', help: 'sort by the column to the right', section: 'Sort' },
  { keys: ['r'], shown: 'r', action: 'sort-reverse', help: 'reverse the order', section: 'Sort' },
  { keys: ['t'], shown: 't', action: 'sort-state', help: 'sort by state', section: 'Sort' },
  {
    keys: ['/', 'p'],
    shown: '/ p',
    action: 'filter',
    help: 'filter as you type: text, !text, field:value; Esc clears',
    section: 'Filter',
    hint: { text: '/ filter', views: EVERYWHERE },
  },
  {
    keys: ['f'],
    shown: 'f',
    action: 'cycle-state',
    help: 'all, unanswered, established, opening, closing',
    section: 'Filter',
  },
  { keys: ['v'], shown: 'v', action: 'cycle-family', help: 'IPv4 and IPv6, IPv4, IPv6', section: 'Filter' },
  { keys: ['n'], shown: 'n', action: 'toggle-names', help: 'names or addresses', section: 'Look' },
  {
    keys: ['w'],
    shown: 'w',
    action: 'toggle-wide',
    help: 'all columns; } scrolls to those that do not fit',
    section: 'Look',
  },
  { keys: ['z'], shown: 'z', action: 'zoom', help: 'this pane alone, and back', section: 'Look' },
  {
    keys: ['o'],
    shown: 'o',
    action: 'cycle-group',
    help: 'group by node, namespace, workload',
    section: 'Look',
    hint: { text: 'o group', views: ['overview', 'graph', 'workloads'] },
  },
  {
    keys: ['space'],
    shown: 'Space',
    action: 'freeze',
    help: 'freeze the screen, or pause the recording, and go on',
    section: 'Look',
    replayHint: { playing: 'Space pause', paused: 'Space play', ended: 'Space replay' },
    hint: { text: 'Space freeze', frozen: 'Space unfreeze', views: EVERYWHERE },
  },
  {
    keys: ['enter'],
    shown: 'Enter',
    action: 'enter',
    help: 'into: node or problem → its connections, row → details',
    section: 'Act',
    hint: { text: 'Enter into', views: EVERYWHERE },
  },
  {
    keys: ['escape'],
    shown: 'Esc',
    action: 'back',
    help: 'close one thing, the newest first: zoom, filter, drill-down …',
    section: 'Act',
  },
  {
    keys: ['c'],
    shown: 'c',
    action: 'drop-drill',
    help: 'all connections: no drill-down, filter, state or family',
    section: 'Act',
  },
  { keys: ['y'], shown: 'y', action: 'copy', help: 'copy what is selected to the clipboard (OSC 52)', section: 'Act' },
  {
    keys: ['e'],
    shown: 'e',
    action: 'export',
    help: 'write what is shown to a file: its name is filled in, Enter writes it',
    section: 'Act',
  },
  {
    keys: [':'],
    shown: ':',
    action: 'command',
    help: 'command: :sort :filter :view :ns :node :group :export :120 :q',
    section: 'Act',
  },
  { keys: ['?', 'f1'], shown: '? F1', action: 'help', help: 'this help', section: 'Act' },
  {
    keys: ['q'],
    shown: 'q :q',
    action: 'quit',
    help: 'quit',
    section: 'Act',
    hint: { text: 'q quit', views: EVERYWHERE },
  },
  { keys: ['C-c'], shown: 'Ctrl-c', action: 'interrupt', help: 'quit', section: 'Act' },
  { keys: ['C-z'], shown: 'Ctrl-z', action: 'suspend', help: 'suspend; fg comes back', section: 'Act' },
  {
    keys: ['R'],
    shown: 'R',
    action: 'offer-example',
    help: 'with nothing to show: replay a recorded incident',
    section: 'Act',
  },
  {
    keys: ['T'],
    shown: 'T',
    action: 'offer-tracking',
    help: 'with nothing to show: turn connection tracking on (asks; root)',
    section: 'Act',
  },
  {
    keys: ['D'],
    shown: 'D',
    action: 'offer-demo',
    help: 'with nothing to show: run the demo (in a checkout; root)',
    section: 'Act',
  },
  {
    keys: ['['],
    shown: '[',
    action: 'seek-back',
    help: 'ten seconds back',
    replayHint: { playing: '[ ] seek' },
    section: 'Recording',
  },
  {
    keys: [']'],
    shown: ']',
    action: 'seek-forth',
    help: 'ten seconds forth',
    section: 'Recording',
  },
  {
    keys: ['+', '='],
    shown: '+',
    action: 'faster',
    help: 'twice as fast',
    replayHint: { playing: '+ - speed' },
    section: 'Recording',
  },
  { keys: ['-'], shown: '-', action: 'slower', help: 'half as fast', section: 'Recording' },
  { keys: ['g t'], shown: 'gt', action: 'view-next', help: 'next view', section: 'Views' },
  { keys: ['g T'], shown: 'gT', action: 'view-previous', help: 'previous view', section: 'Views' },
  { keys: ['1'], shown: '1', action: 'view-1', help: 'overview', section: 'Views' },
  { keys: ['2'], shown: '2', action: 'view-2', help: 'connections', section: 'Views' },
  { keys: ['3'], shown: '3', action: 'view-3', help: 'workloads: top talkers', section: 'Views' },
  { keys: ['4'], shown: '4', action: 'view-4', help: 'services and ports', section: 'Views' },
  { keys: ['5'], shown: '5', action: 'view-5', help: 'graph', section: 'Views' },
  { keys: ['6'], shown: '6', action: 'view-6', help: 'problems', section: 'Views' },
  { keys: ['7'], shown: '7', action: 'view-7', help: 'agents', section: 'Views' },
];
