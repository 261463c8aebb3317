import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKubernetesName, NODE, shellCommand, shellText } from '../../../../src/client/format/shell-command.ts';

test('a shell reads the arguments that were meant, whatever is in them', () => {
  const isPlain = (text: string) => !text.includes('\0') && !text.includes('\u0001') && !/[\ud800-\udfff]/.test(text);
  const word = fc.string({ unit: 'binary', maxLength: 12 }).filter(isPlain);
  const samples = fc.sample(fc.array(word, { maxLength: 5 }), 50);
  const awkward = [
    ['', ' ', "it's", '"', '$HOME', '`id`', '$(id)', '\\', '\n', '*', '~', '-n', '!', '#', ';', '&', 'é'],
  ];
  const all = [...samples, ...awkward];
  const commands = all.map((words) => shellCommand(['printf', '%s\\0', ...words]));
  for (const [index, { command }] of commands.entries())
    assert.deepEqual(command, ['printf', '%s\\0', ...(all[index] ?? [])]);
  // One shell for all: what each prints ends with a byte that is in none.
  const script = commands.map(({ text }) => `${text}\nprintf '\\001'`).join('\n');
  const printed = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\x01').slice(0, -1);
  assert.equal(printed.length, all.length);
  for (const [index, words] of all.entries())
    assert.deepEqual(printed[index]?.split('\0').slice(0, -1), words.length === 0 ? [''] : words);
});

test('what continues several nodes is a loop, on one it is the command itself', () => {
  const commands = [['echo', `node/${NODE}`, 'a b']];
  assert.equal(shellText(commands, ['n1']), "echo node/n1 'a b'");
  const loop = shellText(commands, ['n1', 'n2']);
  assert.equal(execFileSync('sh', ['-c', loop], { encoding: 'utf8' }), 'node/n1 a b\nnode/n2 a b\n');
});

test('names that Kubernetes would not allow', () => {
  for (const name of ['a', 'node-1', 'ip-10-0-0-1.eu.internal', 'x'.repeat(253)])
    assert.ok(isKubernetesName(name), name);
  for (const name of [
    '',
    'A',
    '-a',
    'a-',
    'a b',
    'a;reboot',
    '$(id)',
    'a..b',
    '.',
    'a/b',
    'a\nb',
    '--all',
    'x'.repeat(254),
  ])
    assert.ok(!isKubernetesName(name), name);
});
