/** Commands that the shipped program shows, pasted into a real shell: each runs what was meant, with the arguments that were meant. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FileAgent, lineOf } from '../../../agent/file-agent.ts';
import { AgentCluster, agentObject, podObject } from './agent-cluster.ts';
import { runKflow } from './run-process.ts';

/** Whatever ran in it would leave this file behind. */
const INJECTION = 'node1 -- x;touch INJECTED;echo node1';
/** Without a backquote, which ends a command in words. */
const AWKWARD = `it's "$(touch INJECTED)" ; touch INJECTED & x`;
const PROGRAMS = [
  'kflow',
  'kubectl',
  'conntrack',
  'sysctl',
  'sudo',
  'ssh',
  'nft',
  'ss',
  'modprobe',
  'env',
  'journalctl',
];

/** A folder with programs that write down how they were called, and nothing else in the PATH. */
class Shell {
  readonly folder = mkdtempSync(join(tmpdir(), 'kflow-shell-'));
  readonly #log = join(this.folder, 'log');

  constructor(t: TestContext) {
    t.after(() => rmSync(this.folder, { recursive: true }));
    for (const program of PROGRAMS) {
      const path = join(this.folder, program);
      writeFileSync(
        path,
        `#!/bin/sh\nprintf '%s\\0' ${program} "$@" >> '${this.#log}'\nprintf '\\n' >> '${this.#log}'\n`,
      );
      chmodSync(path, 0o755);
    }
    copyFileSync('/bin/true', join(this.folder, 'touch'));
    writeFileSync(join(this.folder, 'touch'), `#!/bin/sh\n: > '${join(this.folder, 'INJECTED')}'\n`);
    chmodSync(join(this.folder, 'touch'), 0o755);
  }

  /** What ran, each with its arguments. */
  run(command: string): string[][] {
    rmSync(this.#log, { force: true });
    const { stderr } = spawnSync('/bin/sh', ['-c', command], {
      env: { PATH: this.folder },
      cwd: this.folder,
      encoding: 'utf8',
    });
    assert.equal(stderr, '', command);
    assert.ok(!existsSync(join(this.folder, 'INJECTED')), `it runs something else: ${command}`);
    const calls = existsSync(this.#log) ? readFileSync(this.#log, 'utf8').split('\0\n').slice(0, -1) : [];
    assert.ok(calls.length > 0, `it runs nothing: ${command}`);
    return calls.map((call) => call.split('\0'));
  }
}

/** In words: between backquotes; of doctor: after an arrow, and where to run it. */
function commandsIn(text: string): string[] {
  const next = [...text.matchAll(/^ +next: .*?: ((?:sudo|kubectl|kflow) .*)$/gm)].map(([, command]) => command ?? '');
  const arrows = [...text.matchAll(/^ +→ (?:on [^:]+: )?(.*)$/gm)].map(([, command]) => command ?? '');
  const quoted = text
    .split('\n')
    .filter((line) => !/^ +(→|next:) /.test(line))
    .flatMap((line) => [...line.matchAll(/`([^`]*)`/g)].map(([, command]) => command ?? ''));
  return [...next, ...arrows, ...quoted];
}

test('every command that is shown runs what it says, whatever agents, paths and contexts are called', async (t) => {
  const shell = new Shell(t);
  const hostile = await FileAgent.start(t, `${lineOf({ port: 1 })}1234.56 7890.12\n`, false, {
    nodeName: INJECTION,
    intervalMs: 100,
  });
  const honest = await FileAgent.start(t, lineOf({ port: 2 }), false, { nodeName: 'node2', intervalMs: 100 });
  const agents = [agentObject('kflow', 'kflow-daemon-node2', 'node2', '10.244.2.99')];
  const api = await AgentCluster.start(
    t,
    new Map([
      ['node1', hostile],
      ['kflow-daemon-node2', honest],
    ]),
    {
      agents: [...agents, agentObject('blue', 'other', 'node1', '10.244.1.77')],
      pods: [podObject('shop', 'cart', 'node1', '10.244.1.3')],
    },
  );
  const kubeconfig = join(shell.folder, AWKWARD);
  const config = readFileSync(api.kubeconfig, 'utf8');
  const context = `ctx ${AWKWARD}`;
  const parsed = JSON.parse(execFileSync(process.execPath, ['-e', TO_JSON, config], { encoding: 'utf8' })) as {
    contexts: { name: string }[];
    'current-context': string;
  };
  for (const one of parsed.contexts) one.name = context;
  parsed['current-context'] = context;
  writeFileSync(kubeconfig, JSON.stringify(parsed));

  const from = ['--kubeconfig', kubeconfig, '--context', context];
  const runs = await Promise.all(
    [
      ['doctor', ...from],
      ['flows', ...from],
      ['flows', '--agent-namespace', 'none', ...from],
      ['agents', '-n', 'kflow', ...from],
      ['uninstall', '-n', 'none', ...from],
      ['doctor', '--endpoints', hostile.address],
      from,
    ].map((args) => runKflow(args)),
  );
  const texts = runs.map(({ out, err }) => `${out}\n${err}`);
  const commands = [...new Set(texts.flatMap(commandsIn))];
  assert.ok(commands.length >= 4, texts.join('\n'));
  for (const command of commands) {
    for (const words of shell.run(command)) {
      for (const [index, word] of words.entries()) {
        // A path or a context is one argument, whole, wherever it is.
        if (word.includes('touch INJECTED')) {
          const value = word.replace(/^--(?:kubeconfig|context)=/, '');
          assert.ok([kubeconfig, context].includes(value), `argument ${index} of ${command}: ${word}`);
        }
      }
    }
  }
  assert.ok(commands.some((command) => command.includes('kubeconfig')));
  // Problems, too, are of the cluster that was asked about.
  const [overview] = texts.slice(-1).map(commandsIn);
  assert.ok(
    overview?.some((command) =>
      shell.run(command).some((words) => words.includes('doctor') && words.includes(`--context=${context}`)),
    ),
    texts.at(-1),
  );
  assert.ok(texts.every((text) => !commandsIn(text).some((command) => command.includes('echo node1'))));
});

const TO_JSON = `import('js-yaml').then(({ load }) => console.log(JSON.stringify(load(process.argv[1]))))`;
