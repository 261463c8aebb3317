import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Command } from 'commander';
import { completionScript } from '../../src/client/cli/completion/completion.ts';
import type { Shell } from '../../src/client/cli/completion/shells.ts';
import { createProgram } from '../../src/client/cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'incident.kflow'), '');
writeFileSync(join(folder, 'incident two.yaml'), '');
/** Stands in for kubectl, which the scripts ask for contexts and namespaces. */
writeFileSync(
  join(folder, 'kubectl'),
  '#!/bin/sh\ncase "$1 $2" in\n"config get-contexts") printf "prod\\nstage\\n" ;;\n"get namespaces") printf "shop\\nkube-system\\n" ;;\nesac\n',
  { mode: 0o755 },
);

const io = {
  stdout: () => {},
  flushed: () => Promise.resolve(),
  stderr: () => {},
  signal: new AbortController().signal,
  env: {},
  program: 'kflow',
  isTerminal: false,
};

function script(shell: Shell): string {
  const path = join(folder, `kflow.${shell}`);
  writeFileSync(path, completionScript(shell, createProgram('kflow', io, { status: 0 })));
  return path;
}

function run(command: string, ...args: string[]): string {
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, HOME: folder, TERM: 'dumb' };
  const { stdout, stderr, error, status } = spawnSync(command, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(error, undefined);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout;
}

function without(shell: Shell): string | false {
  return spawnSync(shell, ['-c', 'true']).status === 0 ? false : `needs ${shell}`;
}

/** A line, as it is when Tab is pressed, and what it may become. */
const LINES: readonly [string, readonly string[]][] = [
  ['kflow unin', ['uninstall']],
  ['kflow flows -o w', ['wide']],
  ['kflow -n kflow doctor --output j', ['json']],
  ['kflow install --dry', ['--dry-run']],
  ['kflow flows --from-p', ['--from-pod', '--from-port']],
  ['kflow flows --state syn_s', ['syn_sent', 'syn_sent2']],
  ['kflow flows --protocol icmp', ['icmp', 'icmpv6']],
  ['kflow replay inc', ['incident two.yaml', 'incident.kflow']],
  ['kflow --context st', ['stage']],
  ['kflow agents --agent-namespace sh', ['shop']],
  ['kflow flows -n sh', ['shop']],
  ['kflow completion z', ['zsh']],
  ['kflow help dec', []],
  ['kflow help doc', ['doctor']],
  ['kflow flows --limit 1', []],
];

describe('bash', { skip: without('bash') }, () => {
  const complete = (line: string, called = 'kflow') => {
    // Readline takes "=" for a word of its own.
    const words = line
      .replaceAll('=', ' = ')
      .split(' ')
      .map((word) => `'${word}'`);
    return run(
      'bash',
      '--norc',
      '-c',
      `source ${script('bash')}
      COMP_WORDS=(${words.join(' ')}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      $(complete -p ${called} | sed -E 's/.*-F (\\S+).*/\\1/')
      printf '%s\\n' "\${COMPREPLY[@]}"`,
    )
      .split('\n')
      .filter(Boolean)
      .sort();
  };
  for (const [line, expected] of LINES) test(line, () => assert.deepEqual(complete(line), expected));
  test('kflow flows --output=w', () => assert.deepEqual(complete('kflow flows --output=w'), ['wide']));
  test('kubectl-kflow fl', () => assert.deepEqual(complete('kubectl-kflow fl', 'kubectl-kflow'), ['flows']));
});

describe('fish', { skip: without('fish') }, () => {
  const complete = (line: string) =>
    run('fish', '--no-config', '-c', `source ${script('fish')}; complete -C '${line}'`)
      .split('\n')
      .map((candidate) => candidate.split('\t')[0]?.replaceAll('\\ ', ' ') ?? '')
      .filter(Boolean)
      .sort();
  for (const [line, expected] of LINES) test(line, () => assert.deepEqual(complete(line), expected));
  test('kflow flows --output=w', () => assert.deepEqual(complete('kflow flows --output=w'), ['--output=wide']));
  test('kubectl-kflow fl', () => assert.deepEqual(complete('kubectl-kflow fl'), ['flows']));
});

describe('zsh', { skip: without('zsh') }, () => {
  /** What zsh makes of a line when Tab is pressed: an interactive one, at a terminal of its own. */
  const completed = (line: string, until: string) =>
    run(
      'zsh',
      '-f',
      '-c',
      `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "PS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source ${script('zsh')}; print rea''dy"
      zpty -r -m shell seen '*ready*'
      zpty -w -n shell '${line}'$'\\t'
      zpty -r -m shell seen '*${until}*' && print -r -- "$seen"
      zpty -d shell`,
    );
  for (const [line, [only, ...others]] of LINES) {
    if (only === undefined || others.length > 0) continue;
    test(line, { timeout: 30_000 }, () => {
      const whole = line.replace(/\S+$/, only);
      assert.ok(completed(line, whole).includes(whole));
    });
  }
  test('lists what begins alike', { timeout: 30_000 }, () => {
    assert.ok(completed('kflow flows --from-p\t', '--from-pod').includes('--from-pod'));
  });
});

test('a command that is added is completed, with nothing else to be changed', () => {
  const root = new Command('kflow');
  root.command('new').option('--colour <name>', "the eye's [delight]: a colour").addHelpText('after', '');
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const text = completionScript(shell, root);
    assert.match(text, /\bnew\b/);
    assert.match(text, /colour/);
  }
  if (without('zsh') === false) assert.equal(run('zsh', '-n', written('x.zsh', completionScript('zsh', root))), '');
  if (without('fish') === false) assert.equal(run('fish', '-n', written('x.fish', completionScript('fish', root))), '');
  assert.equal(run('bash', '-n', written('x.bash', completionScript('bash', root))), '');
});

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
