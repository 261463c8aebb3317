import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NAMESPACE, POD } from './answers.ts';
import { base64, type Certificates } from './certificates.ts';
import { FakeCluster } from './fake-cluster.ts';
import { type Ended, type Run, type Start, startKflow, startKubectl } from './programs.ts';
import type { Recorded } from './recording.ts';

/** What a case's kubeconfig may speak of. */
export interface World {
  readonly certificates: Certificates;
  readonly cluster: FakeCluster;
  /** Of the case alone; the kubeconfig is in it. */
  readonly folder: string;
  readonly base64: (path: string) => string;
}

export interface Case {
  readonly name: string;
  /** The kubeconfig, as an object or as bytes. */
  readonly kubeconfig: (world: World) => unknown;
  /** Other files, by path below the folder; those that end in ".sh" can be run. */
  readonly files?: (world: World) => Readonly<Record<string, string | Buffer>>;
  readonly env?: (world: World) => NodeJS.ProcessEnv;
  /** Given to both; default: --kubeconfig. */
  readonly args?: (world: World) => readonly string[];
  readonly terminal?: boolean;
  /** Before each of the two. */
  readonly before?: (world: World) => void;
  /** What kflow has to say, beyond being like kubectl; also where nothing is refused. */
  readonly kflowSays?: RegExp;
  /** How often kflow runs the plugin; kubectl may do so for each of its clients. */
  readonly pluginRuns?: number;
}

export type Outcome = 'the same requests' | 'both refuse';

interface Seen {
  readonly requests: readonly Recorded[];
  readonly proxied: readonly string[];
  readonly plugin: readonly string[];
  readonly ended: Ended;
}

const LIMIT_MS = 20_000;
/** SPDY is what both try last: there is no more to see. */
const isComplete = (requests: readonly Recorded[]) => requests.some(({ upgrade }) => upgrade === 'SPDY');

export async function compare(kubectl: string, certificates: Certificates, each: Case): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-conformance-'));
  const cluster = new FakeCluster(certificates);
  await cluster.start();
  const world = { certificates, cluster, folder, base64 };
  try {
    prepare(each, world);
    const args = each.args?.(world) ?? ['--kubeconfig', join(folder, 'kubeconfig')];
    const how: Start = {
      env: environment(each, world),
      cwd: join(folder, 'elsewhere'),
      terminal: each.terminal === true,
    };
    const forward = ['port-forward', '-n', NAMESPACE, `pod/${POD}`, ':50051', ...args];
    const theirs = await watch(each, world, () => startKubectl(kubectl, forward, how));
    const ours = await watch(each, world, () => startKflow(['agents', '--request-timeout', '4s', ...args], how));
    return check(each, theirs, ours, world);
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  }
}

function prepare(each: Case, world: World): void {
  const { folder } = world;
  mkdirSync(join(folder, 'elsewhere'));
  const content = each.kubeconfig(world);
  const bytes =
    typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content, undefined, 1);
  for (const [path, text] of Object.entries({ kubeconfig: bytes, ...each.files?.(world) })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    if (path.endsWith('.sh')) chmodSync(join(folder, path), 0o755);
  }
}

function environment(each: Case, world: World): NodeJS.ProcessEnv {
  const { PATH = '', TERM = 'xterm' } = process.env;
  return {
    PATH,
    TERM,
    HOME: join(world.folder, 'home'),
    PLUGIN_LOG: join(world.folder, 'plugin.log'),
    ...each.env?.(world),
  };
}

/** What comes of a program until it ends, or has nothing more to show. */
async function watch(each: Case, world: World, start: () => Run): Promise<Seen> {
  const { cluster, folder } = world;
  const log = join(folder, 'plugin.log');
  rmSync(log, { force: true });
  cluster.recorded.length = 0;
  cluster.proxies.log.length = 0;
  each.before?.(world);
  const run = start();
  const timer = setTimeout(() => run.stop(), LIMIT_MS);
  cluster.heard = () => {
    if (isComplete(cluster.recorded)) run.stop();
  };
  try {
    const ended = await run.ended;
    const plugin = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
    return { requests: [...cluster.recorded], proxied: [...cluster.proxies.log], plugin, ended };
  } finally {
    clearTimeout(timer);
    run.stop();
  }
}

function check(each: Case, theirs: Seen, ours: Seen, world: World): Outcome {
  const context = `kubectl said: ${theirs.ended.stderr}\nkflow said: ${ours.ended.stderr}`;
  const identities = (seen: Seen, upgraded: boolean) =>
    [
      ...new Set(
        seen.requests.filter(({ upgrade }) => (upgrade !== undefined) === upgraded).map(({ identity }) => identity),
      ),
    ].sort();
  for (const upgraded of [false, true]) {
    const what = upgraded ? 'port-forwards' : 'requests';
    assert.deepEqual(identities(ours, upgraded), identities(theirs, upgraded), `${what} differ\n${context}`);
  }
  assert.deepEqual(forwards(ours), forwards(theirs), context);
  // Where nothing reached the API server, the way to it is all there is to compare.
  if (theirs.requests.length === 0) {
    assert.deepEqual([...new Set(ours.proxied)], [...new Set(theirs.proxied)], `the transports differ\n${context}`);
  }
  assert.deepEqual(
    [...new Set(ours.plugin)],
    [...new Set(theirs.plugin)],
    `what the plugin is given differs\n${context}`,
  );
  if (each.pluginRuns !== undefined)
    assert.equal(ours.plugin.length, each.pluginRuns, `runs of the plugin\n${context}`);
  if (each.kflowSays !== undefined) assert.match(ours.ended.stderr, each.kflowSays);
  if (theirs.requests.length > 0) return 'the same requests';
  assert.notEqual(theirs.ended.status, 0);
  refused(ours.ended, world);
  return 'both refuse';
}

const forwards = (seen: Seen) =>
  [...new Set(seen.requests.flatMap(({ upgrade, path }) => (upgrade === undefined ? [] : [path])))].sort();

function refused({ status, stderr }: Ended, { folder }: World): void {
  assert.equal(status, 1, stderr);
  const lines = stderr.split(/\r?\n/).filter((line) => line.startsWith('kflow: '));
  assert.equal(lines.length, 1, `one line says why: ${stderr}`);
  const names = [folder, 'API server', 'proxy', 'PROXY'];
  assert.ok(
    names.some((name) => lines[0]?.includes(name)),
    `it names a file, the API server or the proxy: ${lines[0]}`,
  );
  assert.doesNotMatch(stderr, /SECRET/, 'no secret is reported');
}
