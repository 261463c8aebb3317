/** Tables of a real cluster, as `test/e2e/record-corpus.ts` recorded them: what the join and the names make of them. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NEVER } from 'rxjs';
import { ProcfsSource } from '../../../../src/agent/conntrack/procfs-source.ts';
import { TableUpdater } from '../../../../src/agent/polling/table-updater.ts';
import { type AgentTable, Correlator } from '../../../../src/client/correlate/correlator.ts';
import { AddressResolver } from '../../../../src/client/names/kubernetes/address-resolver.ts';
import type { NodeInfo, PodInfo, ServiceInfo } from '../../../../src/client/names/kubernetes/objects.ts';
import type { NameResolver } from '../../../../src/client/names/name-resolver.ts';
import { toConnectionJson } from '../../../../src/client/output/connection-json.ts';
import type { FlowTable } from '../../../../src/flow/flow-table.ts';
import type { FlowRow } from '../../../e2e/cli.ts';
import { type Sight, sightOf } from '../../../e2e/sight.ts';

const FOLDER = new URL('../../../fixtures/join/', import.meta.url);
const NODES = ['node1', 'node2', 'node3'];
const CASES = readdirSync(FOLDER).filter((name) => !name.endsWith('.json'));

interface Recorded {
  readonly at: number;
  readonly pods: readonly PodInfo[];
  readonly services: readonly ServiceInfo[];
  readonly nodes: readonly NodeInfo[];
}

const recorded = read<Recorded>('names.json');

describe('tables of a real cluster', () => {
  for (const name of CASES)
    it(`${name}: one connection`, async () => {
      assert.deepEqual(await joined([name]), [expectedOf(name)]);
    });

  it('all of them together: one connection each', async () => {
    const byPort = (one: { sourcePort: number }, other: { sourcePort: number }) => one.sourcePort - other.sourcePort;
    assert.deepEqual((await joined(CASES)).sort(byPort), CASES.map(expectedOf).sort(byPort));
  });
});

async function joined(cases: readonly string[]) {
  const inputs: AgentTable[] = [];
  for (const node of NODES) inputs.push({ key: node, node, table: await tableOf(node, cases), stale: false });
  const connections = new Correlator().update(inputs, names(), false);
  return connections.map((connection) => {
    const row = JSON.parse(JSON.stringify(toConnectionJson(connection, recorded.at))) as FlowRow;
    const observedBy = connection.hops.map(({ node }) => node);
    return { sourcePort: row.source.port ?? 0, ...sightOf(row), observedBy };
  });
}

function expectedOf(name: string) {
  return read<Sight & { readonly sourcePort: number }>(`${name}/expected.json`);
}

/** The node's table, through the agent's own reader. */
async function tableOf(node: string, cases: readonly string[]): Promise<FlowTable> {
  const ingest = new TableUpdater();
  ingest.begin(performance.now(), recorded.at);
  for (const name of cases) {
    const file = new URL(`${name}/${node}.txt`, FOLDER);
    if (existsSync(file)) await new ProcfsSource(fileURLToPath(file)).read(ingest);
  }
  ingest.complete();
  assert.equal(ingest.unparsed, 0);
  return ingest.table;
}

function names(): NameResolver {
  const known = new AddressResolver(() => recorded.at);
  for (const node of recorded.nodes) known.putNode(node);
  for (const pod of recorded.pods) known.putPod(pod);
  for (const service of recorded.services) known.putService(service);
  known.complete = true;
  return {
    endpoint: (address, at) => known.endpoint(address, at),
    service: (address, port, protocol) => known.service(address, port, protocol),
    changed$: NEVER,
    notices: [],
  };
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8')) as T;
}
