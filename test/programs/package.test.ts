import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, credentials, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What a package is packed from. */
const PACKED = ['dist', 'proto', 'k8s', 'examples', 'scripts', 'package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'];
const TABLE = join(ROOT, 'test/fixtures/tables/traffic-node1.txt');

const folder = mkdtempSync(join(tmpdir(), 'kflow-package-'));
const checkout = join(folder, 'checkout');
const home = join(folder, 'home');
/** Node as it runs these tests, nothing of the checkout, and no packages that npm has kept. */
const env = {
  PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
  HOME: folder,
  npm_config_cache: join(folder, 'cache'),
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
};
const npm = (args: readonly string[], cwd: string) =>
  execFileSync('npm', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const bin = (name: string) => join(home, 'node_modules/.bin', name);
const kflow = (...args: readonly string[]) => execFileSync(bin('kflow'), args, { cwd: home, env, encoding: 'utf8' });

after(() => rmSync(folder, { recursive: true }));

before(() => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts')]);
  for (const name of PACKED) cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  npm(['pack', '--silent', '--pack-destination', folder], checkout);
  mkdirSync(home);
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  npm(['install', '--no-audit', '--no-fund', join(folder, tarball)], home);
});

test('the packed package is installed without a network, and brings no other', () => {
  const installed = readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'));
  assert.deepEqual(installed, ['kflow']);
  const { dependencies, devDependencies, scripts } = JSON.parse(
    readFileSync(join(home, 'node_modules/kflow/package.json'), 'utf8'),
  );
  assert.deepEqual([dependencies, devDependencies, scripts], [undefined, undefined, undefined]);
  assert.ok(!existsSync(join(home, 'node_modules/kflow/src')));
});

test('packing leaves package.json as it was, with the libraries', () => {
  const text = (path: string) => readFileSync(path, 'utf8');
  assert.equal(text(join(checkout, 'package.json')), text(join(ROOT, 'package.json')));
  assert.ok(!existsSync(join(checkout, 'package.json.whole')));
  const { dependencies } = JSON.parse(text(join(checkout, 'package.json')));
  for (const name of [
    '@grpc/grpc-js',
    '@grpc/proto-loader',
    'blessed',
    'blessed-contrib',
    'rxjs',
    '@kubernetes/client-node',
  ])
    assert.ok(name in dependencies, name);
});

test('npm publish of a checkout is refused, and says what to do', () => {
  assert.throws(() => npm(['publish', '--dry-run'], checkout), /npm pack.*npm publish kflow-VERSION\.tgz/s);
});

test('its programs run: help, a recording, the manifest, an agent and what it sees', async (t) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.equal(kflow('--version'), `${version}\n`);
  assert.match(execFileSync(bin('kubectl-kflow'), ['--help'], { env, encoding: 'utf8' }), /^Usage: kubectl kflow/);
  const recording = join(home, 'node_modules/kflow/examples/shop.kflow');
  assert.match(kflow('flows', '--recording', recording), /shop\/database/);
  const socket = join(folder, 'agent.sock');
  const agent = spawn(bin('kflow-agent'), [], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...env, CONNTRACK_PATH: TABLE, KUBE_NODE_NAME: 'node1', KFLOW_LISTEN: `unix:${socket}` },
  });
  t.after(() => agent.kill('SIGKILL'));
  await untilServing(agent);
  assert.match(kflow('flows', '--once', '-o', 'wide', '--endpoints', `unix:${socket}`), /tcp +5432/);
  const [seen] = JSON.parse(kflow('agents', '-o', 'json', '--endpoints', `unix:${socket}`));
  assert.deepEqual([seen.node, seen.status], ['node1', 'live']);
});

test('the shipped agent serves reflection and health', async (t) => {
  const socket = join(folder, 'reflected.sock');
  const agent = spawn(bin('kflow-agent'), [], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...env, CONNTRACK_PATH: TABLE, KFLOW_LISTEN: `unix:${socket}` },
  });
  t.after(() => agent.kill('SIGKILL'));
  await untilServing(agent);
  for (const version of ['v1', 'v1alpha']) {
    const file = join(ROOT, `node_modules/@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`);
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const service = loadSync(file)[`grpc.reflection.${version}.ServerReflection`] as ServiceDefinition;
    const method = Object.values(service).find((one) => one.path === path);
    assert.ok(method);
    const client = new Client(`unix:${socket}`, credentials.createInsecure());
    const call = client.makeBidiStreamRequest(path, method.requestSerialize, method.responseDeserialize);
    const answers: unknown[] = [];
    call.on('data', (answer) => answers.push(answer));
    call.write({ listServices: '' });
    call.write({ fileContainingSymbol: 'kflow.v1.FlowService' });
    call.end();
    await once(call, 'end');
    client.close();
    const [services, files] = answers as [
      { listServicesResponse: { service: { name: string }[] } },
      { fileDescriptorResponse: { fileDescriptorProto: Buffer[] } },
    ];
    const names = services.listServicesResponse.service.map(({ name }) => name);
    assert.ok(names.includes('kflow.v1.FlowService') && names.includes('grpc.health.v1.Health'), names.join());
    assert.ok(files.fileDescriptorResponse.fileDescriptorProto.length > 0);
  }
  const probe = join(home, 'node_modules/kflow/dist/agent/probe.js');
  assert.equal(
    execFileSync(process.execPath, [probe, 'ready'], {
      env: { ...env, KFLOW_LISTEN: `unix:${socket}` },
      encoding: 'utf8',
    }),
    'SERVING\n',
  );
});

test('the licences of all libraries that are in a program are beside it', () => {
  const notices = (program: string) =>
    readFileSync(join(home, 'node_modules/kflow/dist', program, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const name of ['@grpc/grpc-js', 'rxjs', 'protobufjs']) {
    assert.ok(notices('client').includes(`\n${name} `), name);
    assert.ok(notices('agent').includes(`\n${name} `), name);
  }
  for (const name of ['blessed', 'blessed-contrib', '@kubernetes/client-node', 'ws', 'js-yaml'])
    assert.ok(notices('client').includes(`\n${name} `), name);
  assert.ok(!notices('agent').includes('blessed'));
});

async function untilServing(agent: ChildProcess): Promise<void> {
  if (agent.stderr === null) throw new Error('the log is not piped');
  const lines: string[] = [];
  const reader = createInterface(agent.stderr);
  for await (const line of reader) {
    lines.push(line);
    if (line.includes('serving')) return;
  }
  if (agent.exitCode === null) await once(agent, 'exit');
  throw new Error(lines.join('\n'));
}
