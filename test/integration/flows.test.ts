/** An agent over a node's table: flows come and go with the kernel's, and are what the kernel says they are. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Flow } from '../../src/flow/flow.ts';
import { deleteEntries, entryOf, listConntrack } from '../lab/conntrack.ts';
import type { Host } from '../lab/lab.ts';
import { DROPPED_PORT } from '../lab/peer.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { assertSameEntries } from '../lab/same-entries.ts';
import { until } from '../lab/until.ts';
import type { Watch } from '../lab/watch.ts';
import { ECHO_PORT, LATE_MS, MASQUERADED_PORT, makeOneNode, type OneNode, PLAIN_PORT, SERVICE } from './one-node.ts';

const skip = labUnavailable() ?? false;
const TCP = 6;
const UDP = 17;

interface Kind {
  readonly name: string;
  readonly protocol: number;
  readonly address: (lab: OneNode, family: 4 | 6) => string;
  readonly port: number;
  /** What the table is to say of it. */
  readonly expected: { readonly state: string; readonly replied: boolean };
  /** The ends of the reply tuple: who answers, and whom. "node" is an address of the node: a masquerade. */
  readonly answers: 'server' | 'outside';
  readonly answered: 'client' | 'node';
}

const address = (host: Host, family: 4 | 6) => (family === 4 ? host.address : host.address6);
const service = (_: OneNode, family: 4 | 6) => (family === 4 ? SERVICE.v4 : SERVICE.v6);
const server = ({ server }: OneNode, family: 4 | 6) => address(server, family);
const outside = ({ lab }: OneNode, family: 4 | 6) => address(lab.outside, family);
const established = { state: 'ESTABLISHED', replied: true };
const silent = { state: 'SYN_SENT', replied: false };
const asked = { state: '', replied: true };
const unanswered = { state: '', replied: false };

const KINDS: readonly Kind[] = [
  // biome-ignore-start format: a table
  {
    name: 'TCP, pod to pod',
    protocol: TCP,
    address: server,
    port: ECHO_PORT,
    expected: established,
    answers: 'server',
    answered: 'client',
  },
  {
    name: 'TCP to a service',
    protocol: TCP,
    address: service,
    port: PLAIN_PORT,
    expected: established,
    answers: 'server',
    answered: 'client',
  },
  {
    name: 'TCP to a service that masquerades',
    protocol: TCP,
    address: service,
    port: MASQUERADED_PORT,
    expected: established,
    answers: 'server',
    answered: 'node',
  },
  {
    name: 'TCP to the outside',
    protocol: TCP,
    address: outside,
    port: ECHO_PORT,
    expected: established,
    answers: 'outside',
    answered: 'node',
  },
  {
    name: 'a SYN that is dropped',
    protocol: TCP,
    address: outside,
    port: DROPPED_PORT,
    expected: silent,
    answers: 'outside',
    answered: 'node',
  },
  {
    name: 'UDP, pod to pod',
    protocol: UDP,
    address: server,
    port: ECHO_PORT,
    expected: asked,
    answers: 'server',
    answered: 'client',
  },
  {
    name: 'UDP to a service',
    protocol: UDP,
    address: service,
    port: PLAIN_PORT,
    expected: asked,
    answers: 'server',
    answered: 'client',
  },
  {
    name: 'UDP to a service that masquerades',
    protocol: UDP,
    address: service,
    port: MASQUERADED_PORT,
    expected: asked,
    answers: 'server',
    answered: 'node',
  },
  {
    name: 'UDP unanswered',
    protocol: UDP,
    address: outside,
    port: DROPPED_PORT,
    expected: unanswered,
    answers: 'outside',
    answered: 'node',
  },
  // biome-ignore-end format: a table
];

for (const timestamping of [false, true])
  describe(`flows on real traffic, time stamps ${timestamping ? 'on' : 'off'}`, { skip }, () => {
    let one: OneNode;
    let watch: Watch;
    before(async () => {
      one = await makeOneNode({ timestamping });
      watch = one.agent.watch();
      await watch.next();
    });
    after(() => one?.close());

    let lastPort = 20_000;
    for (const kind of KINDS)
      for (const family of [4, 6] as const)
        it(`IPv${family}: ${kind.name}: appears in time, as the kernel has it, and goes in time`, async () => {
          const port = lastPort++;
          const to = kind.address(one, family);
          const isIt = (flow: Flow) =>
            flow.family === family && flow.protocol === kind.protocol && flow.original.sourcePort === port;
          const since = watch.polls.length;
          await start(one.client, kind, to, port);
          const startedAt = performance.now();
          const poll = await watch.until('the flow', 5000, (poll) => (poll.added.some(isIt) ? poll : undefined), since);
          const late = poll.receivedAt - startedAt;
          assert.ok(late <= LATE_MS, `it appeared after ${late.toFixed(0)} ms`);

          const flow = poll.flows.find(isIt);
          assert.ok(flow);
          assert.deepEqual(flow.original, {
            source: address(one.client, family),
            destination: to,
            sourcePort: port,
            destinationPort: kind.port,
          });
          assert.equal(flow.reply.source, address(kind.answers === 'server' ? one.server : one.lab.outside, family));
          assert.equal(flow.reply.sourcePort, kind.port === DROPPED_PORT ? DROPPED_PORT : ECHO_PORT);
          if (kind.answered === 'client') {
            assert.equal(flow.reply.destination, address(one.client, family));
            assert.equal(flow.reply.destinationPort, port);
          } else assert.notEqual(flow.reply.destination, address(one.client, family));
          const { state, replied } = entryOf(flow, 0);
          assert.deepEqual({ state, replied }, kind.expected);
          const age = poll.last.observedAt - flow.firstSeenAt;
          assert.ok(timestamping ? age >= 0 && age < 3000 : age === 0, `age ${age} ms`);

          const before = watch.polls.length;
          const name = kind.protocol === TCP ? 'tcp' : 'udp';
          await deleteEntries(one.node.namespace, '-p', name, '-f', `ipv${family}`, '--orig-port-src', `${port}`);
          const deletedAt = performance.now();
          const gone = await watch.until(
            'its removal',
            5000,
            (poll) => (poll.removed.includes(flow.id) ? poll : undefined),
            before,
          );
          assert.ok(gone.receivedAt - deletedAt <= LATE_MS, `it went after ${gone.receivedAt - deletedAt} ms`);
          // By its id: a SYN that is sent again makes a new flow.
          assert.ok(!gone.flows.some(({ id }) => id === flow.id));
        });

    it('has the whole table as `conntrack -L -o xml` has it, while connections open and close', async () => {
      for (const family of [4, 6] as const)
        for (const kind of KINDS) await start(one.client, kind, kind.address(one, family), lastPort++);
      const ended = await one.client.peer.connect(one.server.address, ECHO_PORT, lastPort++);
      await ended.send(1000);
      await ended.end();
      const reset = await one.client.peer.connect(SERVICE.v6, PLAIN_PORT, lastPort++);
      await reset.send(1000);
      await reset.reset();
      // The table moves: a reading of it is only to be compared with a poll between which nothing did.
      await until('both are the same', 5000, async () => {
        const { flows } = await watch.next();
        const expected = await listConntrack(one.node.namespace);
        assertSameEntries(
          flows.map((flow) => entryOf(flow, Date.now())),
          expected,
        );
        const states = new Set(expected.map(({ state }) => state));
        for (const state of ['ESTABLISHED', 'SYN_SENT', 'TIME_WAIT', 'CLOSE', '']) assert.ok(states.has(state), state);
      });
    });

    it('keeps no flow of a refused connection, as the kernel does not', async () => {
      const port = lastPort++;
      await assert.rejects(one.client.peer.connect(one.server.address, 9999, port), { code: 'ECONNREFUSED' });
      await watch.next();
      const { flows } = await watch.next();
      assert.ok(!flows.some((flow) => flow.original.sourcePort === port));
    });
  });

async function start(client: Host, kind: Kind, to: string, port: number): Promise<void> {
  const { peer } = client;
  if (kind.protocol === UDP) await peer.ask(to, kind.port, 40, { localPort: port, wait: kind.expected.replied });
  else if (kind.expected.replied) await peer.connect(to, kind.port, port);
  else await peer.knock(to, kind.port, port);
}
