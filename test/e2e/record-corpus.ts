/**
 * Records, for test/fixtures/join/, what the nodes of a real cluster have in their tables for each case of `Scene`, and what
 * is to be made of it. It needs KUBECONFIG, KFLOW_TEST_IMAGE and KFLOW_TEST_ON_NODE:
 *
 *     node test/e2e/record-corpus.ts && npm run format
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { decodeNode, decodePod, decodeService } from '../../src/client/names/kubernetes/objects.ts';
import { until } from '../lab/until.ts';
import { noAgents } from './agents.ts';
import { noWayToNodes, onNode } from './on-node.ts';
import { Playground } from './playground.ts';
import { type Case, Scene } from './scene.ts';

const FOLDER = new URL('../fixtures/join/', import.meta.url);
/** Of the playground: what the names in the corpus shall be. */
const NAMESPACE = 'corpus';

const missing = noAgents || noWayToNodes;
if (missing) throw new Error(missing);
const playground = new Playground(NAMESPACE);
await playground.open();
try {
  const scene = new Scene(playground);
  await scene.open();
  const nodes = (await playground.nodes()).map(({ name }) => name);
  const tables = await until('all entries', 30_000, () => readAll(scene.cases, nodes));
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  for (const one of scene.cases) {
    const folder = new URL(`${one.name}/`, FOLDER);
    mkdirSync(folder);
    for (const [node, lines] of tables.get(one) ?? [])
      if (lines.length > 0) writeFileSync(new URL(`${node}.txt`, folder), `${lines.join('\n')}\n`);
    write(new URL('expected.json', folder), { sourcePort: one.sourcePort, ...one.expected });
  }
  write(new URL('names.json', FOLDER), await names());
} finally {
  await playground.close();
}

/** Each case's lines of each node's table, when they are what is to be seen. */
async function readAll(cases: readonly Case[], nodes: readonly string[]): Promise<Map<Case, Map<string, string[]>>> {
  const read = async (node: string) => {
    const text = await onNode(playground, node, ['cat', '/proc/net/nf_conntrack']);
    return [node, text.split('\n')] as const;
  };
  const tables = new Map(await Promise.all(nodes.map(read)));
  return new Map(
    cases.map((one) => {
      const ours = linesOf(tables, one);
      for (const [node, lines] of ours) {
        const words = `${one.name}: ${node}: ${lines.join('\n')}`;
        if (lines.length !== (one.expected.observedBy.includes(node) ? 1 : 0)) throw new Error(words);
        if (lines.some((line) => line.includes('[UNREPLIED]') === one.expected.replied)) throw new Error(words);
      }
      return [one, ours];
    }),
  );
}

/** The client's entry, and those that it leads to: whose packets enter a node as they left another. */
function linesOf(
  tables: ReadonlyMap<string, readonly string[]>,
  { sourcePort, expected }: Case,
): Map<string, string[]> {
  const client = new RegExp(` src=${expected.source.address} dst=\\S+ sport=${sourcePort} `);
  const left = new Set<string>();
  const pick = () => {
    const picked = new Map<string, string[]>();
    for (const [node, lines] of tables) {
      const ours = lines.filter(
        (line) => client.exec(line)?.index === line.indexOf(' src=') || left.has(entering(line)),
      );
      for (const line of ours) left.add(leaving(line));
      picked.set(node, ours);
    }
    return picked;
  };
  let picked = pick();
  for (let known = 0; known < left.size; picked = pick()) known = left.size;
  return picked;
}

function entering(line: string): string {
  return / src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) /.exec(line)?.slice(1).join(' ') ?? '';
}

/** The other way round of what is expected as the answer. */
function leaving(line: string): string {
  const [source, destination, from, to] = /.* src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) /.exec(line)?.slice(1) ?? [];
  return `${destination} ${source} ${to} ${from}`;
}

async function names() {
  const { core, namespace } = playground;
  const pods = (await core.listNamespacedPod({ namespace })).items.map(decodePod);
  const services = (await core.listNamespacedService({ namespace })).items.map(decodeService);
  const nodes = (await core.listNode()).items.map(decodeNode);
  return { at: Date.now(), pods, services, nodes };
}

function write(file: URL, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
