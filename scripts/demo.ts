/**
 * Shows kflow on real traffic: a small cluster's network in namespaces of its own, with NAT as kube-proxy makes it, an
 * agent on each node, and the console on them. Nothing of it is left when this ends, however it ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { LabAgent } from '../test/lab/agent.ts';
import { makeFolder } from '../test/lab/folder.ts';
import type { Lab } from '../test/lab/lab.ts';
import { labUnavailable } from '../test/lab/requirements.ts';
import { makeShow, play } from '../test/lab/show.ts';

const HELP = `npm run demo                        the console, over real traffic in network namespaces (needs root)
npm run demo -- flows -o wide       any other command of kflow, over the same traffic
npm run demo -- --headless          the traffic and the agents alone; prints how to reach them, until Ctrl-C
`;

const KFLOW = fileURLToPath(new URL('../src/client/main.ts', import.meta.url));

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === '--help' || args[0] === '-h') {
    process.stdout.write(HELP);
    return 0;
  }
  const unavailable = labUnavailable();
  if (unavailable !== undefined) {
    process.stderr.write(`demo: ${unavailable}\n`);
    return 1;
  }
  const stop = new AbortController();
  let signalled: NodeJS.Signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      signalled ??= signal;
      stop.abort();
    });
  const folder = makeFolder();
  let lab: Lab | undefined;
  const agents: LabAgent[] = [];
  try {
    lab = await makeShow();
    for (const { namespace } of lab.nodes) agents.push(await LabAgent.start(namespace, { folder }));
    const playing = play(lab, stop.signal);
    const endpoints = agents.map(({ address }) => address).join(',');
    const status =
      args[0] === '--headless' ? await wait(lab, endpoints, stop.signal) : await kflow(args, endpoints, stop.signal);
    stop.abort();
    await playing;
    return signalled === 'SIGINT' ? 130 : status;
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    stop.abort();
    await Promise.all(agents.map((agent) => agent.stop()));
    await lab?.close();
  }
}

/** Runs kflow on the agents, to its end. */
async function kflow(args: readonly string[], endpoints: string, signal: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, [KFLOW, ...args, '--endpoints', endpoints], { stdio: 'inherit' });
  const end = () => child.kill('SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const [status] = await once(child, 'exit');
  return status ?? 1;
}

/** Says how to look at it, and waits for the signal. */
async function wait(lab: Lab, endpoints: string, signal: AbortSignal): Promise<number> {
  process.stdout.write(`kflow --endpoints ${endpoints}\n`);
  for (const { name, namespace } of lab.nodes)
    process.stdout.write(`# ${name}: nsenter --net=/proc/${namespace.pid}/ns/net conntrack -L\n`);
  if (!signal.aborted) await once(signal, 'abort');
  return 0;
}
