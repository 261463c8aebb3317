import { setTimeout } from 'node:timers/promises';
import { type Host, Lab } from './lab.ts';
import type { Service } from './nat.ts';
import { DROPPED_PORT } from './peer.ts';
import { until } from './until.ts';

const NODES = 3;
const MEGABYTE = 1e6;
/** Until a busy machine has found every IPv6 neighbour. */
const ROUTES_MS = 10_000;

const WEB = { address: '10.96.0.10', address6: 'fd00:10:96::10', port: 80 };
const DATABASE = { address: '10.96.0.20', address6: 'fd00:10:96::20', port: 5432 };
const NAMES = { address: '10.96.0.53', address6: 'fd00:10:96::53', port: 53 };

/** A cluster with traffic to look at: steady streams, short requests, DNS-like questions, refusals and silence. */
export async function makeShow(): Promise<Lab> {
  const lab = await Lab.create({ nodes: NODES });
  try {
    const pods = await addPods(lab);
    await listen(lab, pods);
    await lab.serve(services(pods));
    return lab;
  } catch (error) {
    await lab.close();
    throw error;
  }
}

interface Pods {
  readonly shop: Host;
  readonly web1: Host;
  readonly web2: Host;
  readonly database: Host;
  readonly names: Host;
  readonly batch: Host;
}

async function addPods(lab: Lab): Promise<Pods> {
  const [node1, node2, node3] = [lab.node(1), lab.node(2), lab.node(3)];
  return {
    web1: await node1.addPod('web-1'),
    database: await node1.addPod('database'),
    web2: await node2.addPod('web-2'),
    shop: await node2.addPod('shop'),
    names: await node3.addPod('names'),
    batch: await node3.addPod('batch'),
  };
}

async function listen(lab: Lab, { web1, web2, database, names }: Pods): Promise<void> {
  await web1.peer.web(8080, 12_000);
  await web2.peer.web(8080, 12_000);
  await database.peer.streams(5432);
  await names.peer.echo('udp', 53);
  await lab.outside.peer.streams(443);
}

function services({ web1, web2, database, names }: Pods): Service[] {
  const make = (
    service: typeof WEB,
    protocol: 'tcp' | 'udp',
    port: number,
    backends: readonly Host[],
    masquerade = false,
  ): Service[] => [
    {
      address: service.address,
      protocol,
      port: service.port,
      masquerade,
      backends: backends.map(({ address }) => ({ address, port })),
    },
    {
      address: service.address6,
      protocol,
      port: service.port,
      masquerade,
      backends: backends.map(({ address6 }) => ({ address: address6, port })),
    },
  ];
  return [
    ...make(WEB, 'tcp', 8080, [web1, web2]),
    ...make(DATABASE, 'tcp', 5432, [database], true),
    ...make(NAMES, 'udp', 53, [names]),
  ];
}

/** Makes the traffic, until it is reported to stop. */
export async function play(lab: Lab, signal: AbortSignal): Promise<void> {
  const pod = (name: string): Host => {
    const found = lab.nodes.flatMap(({ pods }) => pods).find((host) => host.name === name);
    if (found === undefined) throw new Error(`no pod ${name}`);
    return found;
  };
  const [shop, batch, web1, web2, database] = ['shop', 'batch', 'web-1', 'web-2', 'database'].map(pod);
  if (!shop || !batch || !web1 || !web2 || !database) return;

  const stream = (from: Host, ...to: Parameters<Host['peer']['stream']>) =>
    until(`${from.name} has its stream`, ROUTES_MS, () => from.peer.stream(...to));
  await stream(shop, DATABASE.address, DATABASE.port, { up: 0.2 * MEGABYTE, down: 4 * MEGABYTE });
  await stream(batch, DATABASE.address6, DATABASE.port, { up: 1.5 * MEGABYTE, down: 0.1 * MEGABYTE });
  await stream(batch, lab.outside.address, 443, { up: 0.7 * MEGABYTE, down: 0.02 * MEGABYTE });
  await stream(web1, lab.outside.address6, 443, { up: 0.05 * MEGABYTE, down: 0.9 * MEGABYTE });
  await stream(database, lab.outside.address, 443, { up: 0.3 * MEGABYTE, down: 0 });

  const every = async (ms: number, act: (turn: number) => Promise<unknown>) => {
    for (let turn = 0; !signal.aborted; turn++) {
      // An answer that does not come, or a peer that has ended, is no matter: the next turn comes anyway.
      act(turn).catch(() => undefined);
      await setTimeout(ms, undefined, { signal }).catch(() => undefined);
    }
  };
  await Promise.all([
    every(120, (turn) => shop.peer.fetch(turn % 2 ? WEB.address : WEB.address6, WEB.port, 300)),
    every(500, () => batch.peer.fetch(WEB.address, WEB.port, 200)),
    every(250, (turn) => shop.peer.ask(turn % 3 ? NAMES.address : NAMES.address6, NAMES.port, 40)),
    every(900, () => web2.peer.ask(NAMES.address, NAMES.port, 40)),
    every(2000, () => shop.peer.connect(database.address, 9999)),
    every(4000, () => batch.peer.knock(lab.outside.address, DROPPED_PORT)),
    every(7000, () => web2.peer.knock(database.address6, DROPPED_PORT)),
    every(3000, () => web1.peer.ask(lab.outside.address, DROPPED_PORT, 40, { wait: false })),
  ]);
}
