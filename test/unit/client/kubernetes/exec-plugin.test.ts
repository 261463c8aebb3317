import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ExecPlugin, type Terminal } from '../../../../src/client/kubernetes/exec-plugin.ts';
import type { ClusterEntry, ExecEntry, UserEntry } from '../../../../src/client/kubernetes/kubeconfig-file.ts';

const VERSION = 'client.authentication.k8s.io/v1';
const NO_TERMINAL: Terminal = { isFree: () => false, isDrawn: () => false };
const CONSOLE: Terminal = { isFree: () => false, isDrawn: () => true };

/** Answers with the number of its run as the token, and whatever more of a status the shell makes of `status`. */
function plugin(
  context: TestContext,
  { status = '', script = '', terminal = NO_TERMINAL, mode = 'IfAvailable', env = [] as ExecEntry['env'] } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const [command, log] = [join(folder, 'plugin'), join(folder, 'log')];
  const answer = `{"kind":"ExecCredential","apiVersion":"${VERSION}","status":{"token":"t'$(wc -l <"${log}")'"${status}}}`;
  writeFileSync(command, `#!/bin/sh\necho run >>"${log}"\n${script}\necho '${answer}'\n`);
  chmodSync(command, 0o755);
  const exec: ExecEntry = {
    ...{ command, args: [], env, apiVersion: VERSION, installHint: '', provideClusterInfo: false },
    interactiveMode: mode,
  };
  const user = { name: 'jane', file: 'the-file' } as UserEntry;
  const runs = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0);
  return { plugin: new ExecPlugin(exec, user, { caFile: '' } as ClusterEntry, process.env, terminal), runs };
}

test('five who ask at once get one answer', async (context) => {
  const { plugin: asked, runs } = plugin(context);
  const tokens = await Promise.all([1, 2, 3, 4, 5].map(async () => (await asked.get()).token));
  assert.deepEqual(tokens, ['t1', 't1', 't1', 't1', 't1']);
  assert.equal((await asked.get()).token, 't1');
  assert.equal(runs(), 1);
});

test('a token without an expiry is replaced after a refusal, once for all who had it', async (context) => {
  const { plugin: asked, runs } = plugin(context);
  const used = await asked.get();
  const replaced = await Promise.all([asked.replace(used), asked.replace(used)]);
  assert.deepEqual(
    replaced.map(({ token }) => token),
    ['t2', 't2'],
  );
  assert.equal((await asked.replace(used)).token, 't2', 'who comes late takes what there is');
  assert.equal(runs(), 2);
});

test('a plugin whose credentials are refused again is not run for each refusal', async (context) => {
  const { plugin: asked, runs } = plugin(context);
  const second = await asked.replace(await asked.get());
  assert.equal(await asked.replace(second), second);
  assert.equal(runs(), 2);
});

test('credentials that have ended are asked for again', async (context) => {
  const { plugin: asked } = plugin(context, { status: ',"expirationTimestamp":"2020-01-01T00:00:00Z"' });
  assert.equal((await asked.get()).token, 't1');
  assert.equal((await asked.get()).token, 't2');
});

test('a failure is reported to all who wait, and the plugin then left alone for a while', async (context) => {
  const { plugin: asked, runs } = plugin(context, { script: 'exit 4' });
  for (const _ of [1, 2, 3]) {
    await assert.rejects(asked.get(), /^KubeError: the-file: user "jane": exec plugin \S+ failed with exit status 4$/);
  }
  assert.equal(runs(), 1);
});

test('under the console its last words on stderr are the reason', async (context) => {
  const script = 'echo first >&2; printf "token \\033[31mexpired\\n" >&2; exit 1';
  const { plugin: asked } = plugin(context, { script, terminal: CONSOLE });
  await assert.rejects(asked.get(), /failed with exit status 1: token �\[31mexpired$/);
});

test('one that must ask says so under the console', async (context) => {
  const { plugin: asked, runs } = plugin(context, { terminal: CONSOLE, mode: 'Always' });
  await assert.rejects(asked.get(), /needs a terminal .*the console has it: leave it and start kflow again/);
  assert.equal(runs(), 0);
});

test('what it repeats of its environment is not in the reason', async (context) => {
  const script = 'echo "cannot log in with $SECRET" >&2; exit 1';
  const { plugin: asked } = plugin(context, {
    script,
    terminal: CONSOLE,
    env: [{ name: 'SECRET', value: 'planted-secret' }],
  });
  await assert.rejects(asked.get(), /failed with exit status 1: cannot log in with …$/);
});

test('the token that it gave before is not in the reason', async (context) => {
  const script = '[ "$(wc -l <"$(dirname "$0")/log")" -gt 1 ] && { echo "planted-token has expired" >&2; exit 1; }';
  const { plugin: asked } = plugin(context, { script, terminal: CONSOLE, status: ',"token":"planted-token"' });
  assert.equal((await asked.get()).token, 'planted-token');
  await assert.rejects(asked.replace(await asked.get()), /failed with exit status 1: … has expired$/);
});
