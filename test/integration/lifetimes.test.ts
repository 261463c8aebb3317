/** What the client sums up over connections of all lifetimes, compared with the counters of the interface they pass. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { NEVER } from 'rxjs';
import { parseAgentAddresses } from '../../src/client/agents/agent-addresses.ts';
import { connectAgent } from '../../src/client/agents/agent-client.ts';
import { staticDiscovery } from '../../src/client/agents/discovery.ts';
import { watchAgent } from '../../src/client/agents/watch-agent.ts';
import { runToEnd } from '../../src/client/async/chunked-work.ts';
import { buildGraph } from '../../src/client/graph/graph-builder.ts';
import type { Endpoint } from '../../src/client/model/connection.ts';
import type { Snapshot } from '../../src/client/model/snapshot.ts';
import type { NameResolver } from '../../src/client/names/name-resolver.ts';
import { correlateTables, liveSnapshots } from '../../src/client/session/live-session.ts';
import { countedConnections } from '../../src/client/traffic/counted-connections.ts';
import { nodeRows } from '../../src/client/traffic/node-rows.ts';
import { serviceRows } from '../../src/client/traffic/service-rows.ts';
import { totalRate } from '../../src/client/traffic/traffic.ts';
import { workloadRows } from '../../src/client/traffic/workload-rows.ts';
import { initialState } from '../../src/client/tui/state.ts';
import { buildViewModelNow } from '../../src/client/tui/view-model/view-model.ts';
import { LabAgent } from '../lab/agent.ts';
import { makeFolder } from '../lab/folder.ts';
import { Lab } from '../lab/lab.ts';
import type { NetworkNamespace } from '../lab/namespace.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { until } from '../lab/until.ts';
import { SERVICE } from './one-node.ts';

const skip = labUnavailable() ?? false;
const PORT = 8090;
/** Milliseconds. Each kind sends as much in a second as the others. */
const LIFETIMES = [50, 200, 1000, 5000, 60_000];
const BYTES_PER_SECOND = 400_000;
const POLLS = 40;

describe('connections of all lifetimes', { skip }, () => {
  for (const nodes of [1, 2])
    it(`on ${nodes === 1 ? 'one node' : 'two nodes'}: the sums are what the interface carries, within 5%`, async (t) => {
      const lab = await Lab.create({ nodes });
      t.after(() => lab.close());
      const server = await lab.node(1).addPod('server');
      const client = await lab.node(nodes).addPod('client');
      await server.peer.streams(PORT);
      const backends = [{ address: server.address, port: PORT }];
      await lab.serve([{ address: SERVICE.v4, protocol: 'tcp', port: 80, masquerade: nodes > 1, backends }]);
      const folder = makeFolder();
      const agents: LabAgent[] = [];
      for (const { namespace } of lab.nodes) {
        const agent = await LabAgent.start(namespace, { folder, interval: '500ms' });
        t.after(() => agent.stop());
        agents.push(agent);
      }
      const parsed = parseAgentAddresses(agents.map(({ address }) => address).join(','));
      assert.ok(parsed.ok);
      const names = namesOf(lab);
      const sums = new Sums(lab.node(nodes).name);
      const subscription = liveSnapshots({
        discovery: staticDiscovery(parsed.targets),
        names,
        correlate: correlateTables(names),
        hints: () => [],
        watch: (target) => watchAgent(target, { open: connectAgent }),
      }).subscribe((snapshot) => sums.take(snapshot));
      t.after(() => subscription.unsubscribe());
      for (const lifetime of LIFETIMES) await client.peer.visits(SERVICE.v4, 80, lifetime, BYTES_PER_SECOND);

      const polls = () => sums.polls.size / nodes;
      await until('the first polls', 20_000, () => assert.ok(polls() > 8));
      const [before, first] = [carried(client.namespace), sums.begin()];
      await until('the polls', 60_000, () => assert.ok(polls() > 8 + POLLS));
      const seconds = (performance.now() - first) / 1000;
      const truth = (carried(client.namespace) - before) / seconds;
      const ratios = sums.means().map((mean) => mean / truth);
      t.diagnostic(
        `${(truth / 1e6).toFixed(3)} MB/s; in all, node, workload, service, graph: ${ratios.map((ratio) => ratio.toFixed(3))}`,
      );
      for (const ratio of ratios) assert.ok(Math.abs(ratio - 1) <= 0.05, `${ratios} of ${truth} B/s`);
    });
});

/** Who the lab's addresses are, as a cluster would tell: without it nobody knows which halves belong together. */
function namesOf({ nodes }: Lab): NameResolver {
  const endpoints = new Map<string, Endpoint>();
  for (const { name, address, pods } of nodes) {
    endpoints.set(address, { address, kind: 'node', name });
    for (const pod of pods)
      endpoints.set(pod.address, { address: pod.address, kind: 'pod', namespace: 'lab', name: pod.name, node: name });
  }
  return { endpoint: (address) => endpoints.get(address), service: () => undefined, changed$: NEVER, notices: [] };
}

/** Means over time of what the console says is carried: in all, by the client's node, by the workloads, to the service, in the graph. */
class Sums {
  readonly polls = new Set<string>();
  readonly #node: string;
  #sums: number[] = [];
  #began = 0;
  #at = 0;
  #last: readonly number[] = [];

  constructor(node: string) {
    this.#node = node;
  }

  take(snapshot: Snapshot): void {
    this.#pass();
    for (const { key, poll } of snapshot.agents) if (poll !== undefined) this.polls.add(`${key} ${poll.observedAt}`);
    const { filtered, grouping } = buildViewModelNow(snapshot, { ...initialState(), grouping: 'workload' });
    const node = runToEnd(nodeRows(snapshot.agents, filtered)).find((row) => row.node === this.#node);
    const graph = buildGraph(filtered, grouping, []);
    this.#last = [
      totalRate(countedConnections(snapshot)),
      node?.traffic.rate,
      runToEnd(workloadRows(filtered, 'pod')).find(({ name }) => name === 'lab/client')?.traffic.rate,
      runToEnd(serviceRows(filtered)).find(({ name }) => name === SERVICE.v4)?.traffic.rate,
      [...graph.edges.values()].reduce((sum, { traffic }) => sum + (traffic.rate ?? 0), 0),
    ].map((rate) => rate ?? 0);
  }

  /** Begins to take means; when that was. */
  begin(): number {
    this.#sums = this.#last.map(() => 0);
    this.#began = performance.now();
    this.#at = this.#began;
    return this.#began;
  }

  means(): number[] {
    this.#pass();
    return this.#sums.map((sum) => sum / (this.#at - this.#began));
  }

  #pass(): void {
    const now = performance.now();
    this.#sums = this.#sums.map((sum, i) => sum + (this.#last[i] ?? 0) * (now - this.#at));
    this.#at = now;
  }
}

const ETHERNET_HEADER = 14;

/** IP bytes, in both directions, that the pod's interface has carried: conntrack counts those, the interface the link's header too. */
function carried(namespace: NetworkNamespace): number {
  const text = readFileSync(`/proc/${namespace.pid}/net/dev`, 'utf8');
  const [, line = ''] = /^ *eth0: *(.*)$/m.exec(text) ?? [];
  const fields = line.trim().split(/ +/).map(Number);
  const [rxBytes = 0, rxPackets = 0] = fields;
  const [txBytes = 0, txPackets = 0] = fields.slice(8);
  return rxBytes + txBytes - (rxPackets + txPackets) * ETHERNET_HEADER;
}
