import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_GRAPH } from '../../../../../src/client/tui/graph-pane/navigation.ts';
import { handlePromptKey } from '../../../../../src/client/tui/input/prompt.ts';
import type { Frame, Transition } from '../../../../../src/client/tui/input/transition.ts';
import { renderPrompt } from '../../../../../src/client/tui/panes/prompt-lines.ts';
import { initialState, openPrompt, type ViewState } from '../../../../../src/client/tui/state.ts';
import { lineText } from '../../../../../src/client/tui/text/line.ts';
import { buildViewModelNow } from '../../../../../src/client/tui/view-model/view-model.ts';
import { agent, connection, pod, snapshot } from '../fixtures.ts';

const shown = snapshot([connection({ source: pod('cart', 'node1'), destination: pod('web', 'node2', 'front') })], {
  agents: [agent('node1'), agent('node2')],
});

function sceneOf(state: ViewState): Frame {
  return { viewModel: buildViewModelNow(shown, state), panes: [], graph: EMPTY_GRAPH, isRecording: false };
}

/** Types text and keys (in angle brackets), one after another. */
function typed(start: ViewState, keys: string): Transition {
  let result: Transition = { state: start };
  for (const [key] of keys.matchAll(/<[^>]+>|./g)) {
    const name = key.startsWith('<') && key.length > 1 ? key.slice(1, -1) : key;
    result = handlePromptKey(result.state, { name, text: name === key ? key : '' }, sceneOf(result.state));
  }
  return result;
}

const filtering = openPrompt(initialState(), 'filter', '');
const commanding = openPrompt(initialState(), 'command', '');

function above(state: ViewState): string {
  assert(state.prompt !== undefined);
  return lineText(renderPrompt(state, state.prompt, sceneOf(state), 80).above);
}

test('a filter is in force as it is typed, without the word that is none yet', () => {
  assert.equal(typed(filtering, 'web').state.filter, 'web');
  assert.equal(typed(filtering, 'web port:').state.filter, 'web');
  assert.equal(typed(filtering, 'web port:80').state.filter, 'web port:80');
});

test('Enter keeps a filter, Esc clears it, and what is wrong cannot be kept', () => {
  const kept = typed(filtering, 'web<enter>').state;
  assert.equal(kept.prompt, undefined);
  assert.equal(kept.filter, 'web');
  const cleared = typed(openPrompt(kept, 'filter', 'web'), '<escape>').state;
  assert.equal(cleared.prompt, undefined);
  assert.equal(cleared.filter, '');
  const wrong = typed(filtering, 'port:abc<enter>').state;
  assert.equal(wrong.prompt?.text, 'port:abc');
});

test('an error points at the word', () => {
  const { state } = typed(filtering, 'web port:abc');
  assert.match(above(state), /^ {11}▼▼▼ "abc" is not a port/);
});

test('the line is edited as in a shell', () => {
  const text = (keys: string) => typed(filtering, keys).state.prompt?.text;
  assert.equal(text('abc<backspace>d'), 'abd');
  assert.equal(text('bc<home>a'), 'abc');
  assert.equal(text('ac<left>b<end>d'), 'abcd');
  assert.equal(text('one two<C-w>three'), 'one three');
  assert.equal(text('abc<left><C-u>x'), 'xc');
  assert.equal(text('abc<C-a><delete>'), 'bc');
  assert.equal(text('one two<C-left>x'), 'one xtwo');
  assert.equal(text('one two three<home><C-right><C-right>x'), 'one twox three');
  assert.equal(text('<backspace>'), undefined);
});

test('what was entered before comes back, and what was being typed too', () => {
  let state = typed(commanding, 'view agents<enter>').state;
  state = typed(openPrompt(state, 'command', ''), 'sort node<enter>').state;
  const text = (keys: string) => typed(openPrompt(state, 'command', ''), keys).state.prompt?.text;
  assert.equal(text('<up>'), 'sort node');
  assert.equal(text('<up><up>'), 'view agents');
  assert.equal(text('<up><up><up>'), 'view agents');
  assert.equal(text('gr<up><down>'), 'gr');
});

test('Tab completes commands, their values and the words of filters', () => {
  const text = (keys: string) => typed(commanding, keys).state.prompt?.text;
  assert.equal(text('vi<tab>'), 'view ');
  assert.equal(text('view wo<tab>'), 'view workloads ');
  assert.equal(text('sort de<tab>'), 'sort destination');
  assert.equal(text('node n<tab>'), 'node node');
  assert.equal(text('ns fr<tab>'), 'ns front ');
  assert.equal(text('filter from.wor<tab>'), 'filter from.workload:');
  assert.equal(text('export j<tab>'), 'export json ');
  assert.equal(typed(filtering, 'state:syn_r<tab>').state.prompt?.text, 'state:syn_recv');
  assert.match(above(typed(commanding, 'e').state), /Tab: export/);
});

test('commands do what they say, and say what is wrong', () => {
  const after = (keys: string) => typed(commanding, `${keys}<enter>`);
  assert.equal(after('view 7').state.view, 'agents');
  assert.equal(
    after('view nowhere').state.message?.text,
    ':view does not know "nowhere"; it takes one of: overview, connections, workloads, services, graph, problems, agents',
  );
  assert.deepEqual(after('sort age').state.sorts.connections, { column: 'age', direction: 'descending' });
  assert.match(
    after('sort colour').state.message?.text ?? '',
    /^:sort does not know "colour"; it takes one of: source,/,
  );
  assert.match(after('sort').state.message?.text ?? '', /^:sort takes one of: source,/);
  assert.match(after('export xml').state.message?.text ?? '', /does not know "xml"/);
  assert.equal(after('filter port:80').state.filter, 'port:80');
  assert.match(after('filter port:abc').state.message?.text ?? '', /"abc" is not a port/);
  assert.equal(after('ns front').state.filter, 'ns:front');
  assert.deepEqual(after('node node2').state.drill, { kind: 'node', node: 'node2', label: 'node2' });
  assert.match(after('node nowhere').state.message?.text ?? '', /no agent on a node "nowhere"/);
  assert.equal(after('group namespace').state.grouping, 'namespace');
  assert.deepEqual(after('q').effect, { kind: 'quit' });
  assert.equal(after('export json a.json').effect?.kind, 'export');
  assert.match(after('dance').state.message?.text ?? '', /^unknown command :dance; commands: sort,/);
});

test(':ns takes the place of the namespace that was asked for, and leaves the rest', () => {
  const state = openPrompt({ ...initialState(), filter: 'web ns:shop port:80' }, 'command', '');
  assert.equal(typed(state, 'ns front<enter>').state.filter, 'web port:80 ns:front');
  assert.equal(typed(state, 'ns<enter>').state.filter, 'web port:80');
});
