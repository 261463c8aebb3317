/**
 * Records examples/shop.kflow again: a small shop in a namespace of its own on a real cluster, whose payments stop to answer
 * for a while. The cluster needs agents (`kflow install`), three nodes for the picture to be of interest, and kubectl.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const HELP = `npm run example -- --tools IMAGE --node IMAGE [--agents NAMESPACE] [--file FILE]

  --tools IMAGE       an image with busybox and iperf3
  --node IMAGE        an image with Node.js, such as the agents' own
  --agents NAMESPACE  where the agents are (default: kflow)
  --file FILE         where to write it (default: examples/shop.kflow)
`;

const NAMESPACE = 'shop';
const FAULT_AT_MS = 45_000;
const MENDED_AT_MS = 110_000;
const SECONDS = 150;
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const KFLOW = file('../src/client/main.ts');

const { values } = parseArgs({
  options: {
    tools: { type: 'string' },
    node: { type: 'string' },
    agents: { type: 'string', default: 'kflow' },
    file: { type: 'string', default: file('../examples/shop.kflow') },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help || values.tools === undefined || values.node === undefined) {
  process.stdout.write(HELP);
  process.exit(values.help ? 0 : 2);
}

function kubectl(args: readonly string[], input?: string): string {
  return execFileSync('kubectl', ['-n', NAMESPACE, ...args], {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(input === undefined ? {} : { input }),
  });
}

const inPayments = (command: string) => kubectl(['exec', 'deploy/payments', '--', 'sh', '-c', command]);

/** Somebody outside who watches a film from the shop, at their own pace. */
async function visit(url: string, bytesPerSecond: number, signal: AbortSignal): Promise<void> {
  const { body } = await fetch(url, { signal });
  for await (const piece of body ?? []) await delay((piece.length / bytesPerSecond) * 1000, undefined, { signal });
}

/** iperf3 now and then stalls as it begins: whether each of the long connections moves bytes. */
async function isBusy(): Promise<boolean> {
  const words = ['flows', '--agent-namespace', values.agents, `ns:${NAMESPACE}`, 'rate:>100k', '-o', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, [KFLOW, ...words]);
  const connections: { destination: { port?: number } }[] = JSON.parse(stdout);
  const busy = (port: number) => connections.filter(({ destination }) => destination.port === port).length;
  return busy(5432) >= 1 && busy(6379) >= 2;
}

const shop = readFileSync(file('example/shop.yaml'), 'utf8')
  .replaceAll('image: TOOLS', `image: ${values.tools}`)
  .replaceAll('image: NODE', `image: ${values.node}`);
const leave = new AbortController();
kubectl(['create', 'namespace', NAMESPACE]);
try {
  kubectl(['apply', '-f', '-'], shop);
  kubectl(['wait', '--for=condition=Available', '--timeout=120s', 'deployment', '--all']);
  const gateway = inPayments('ip route').match(/default via (\S+) dev (\S+)/);
  if (gateway === null) throw new Error('the payments have no default route');
  for (let tries = 1; !(await isBusy()); tries++) {
    if (tries > 12) throw new Error('the long connections do not come about');
    if (tries % 4 === 0) kubectl(['delete', 'pods', '-l', 'app in (web, cart)']);
    await delay(5000);
  }
  const node = kubectl([
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}',
  ]);
  const port = kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}']);
  const film = `http://${node}:${port}/film`;
  // Who is reported to leave does so in the middle of the film.
  for (const rate of [700_000, 1_500_000, 250_000]) visit(film, rate, leave.signal).catch(() => {});
  await delay(5000);
  const recording = spawn(
    process.execPath,
    [
      KFLOW,
      'record',
      values.file,
      '--force',
      '--filter',
      `ns:${NAMESPACE}`,
      '--duration',
      `${SECONDS}s`,
      '--agent-namespace',
      values.agents,
    ],
    { stdio: 'inherit' },
  );
  const ended = once(recording, 'exit');
  await delay(FAULT_AT_MS);
  inPayments('ip route del default && ip route add blackhole default');
  await delay(MENDED_AT_MS - FAULT_AT_MS);
  inPayments(`ip route del blackhole default && ip route add default via ${gateway[1]} dev ${gateway[2]}`);
  const [status] = await ended;
  process.exitCode = status ?? 1;
} finally {
  leave.abort();
  kubectl(['delete', 'namespace', NAMESPACE, '--wait=false', '--ignore-not-found']);
}
