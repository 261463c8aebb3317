/** What somebody with grpcurl and no proto file gets, over TCP and a unix socket. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LabAgent } from '../lab/agent.ts';
import { insertEntries } from '../lab/conntrack.ts';
import { makeFolder } from '../lab/folder.ts';
import { NetworkNamespace } from '../lab/namespace.ts';
import { isInstalled, labUnavailable } from '../lab/requirements.ts';

const skip =
  labUnavailable() ??
  (isInstalled('grpcurl')
    ? false
    : 'needs grpcurl: go install github.com/fullstorydev/grpcurl/cmd/grpcurl@latest, and its folder in PATH');

const SERVICES = [
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
  'kflow.v1.FlowService',
];

describe('grpcurl', { skip }, () => {
  let namespace: NetworkNamespace;
  const agents: LabAgent[] = [];
  const targets = new Map<string, readonly string[]>();
  before(async () => {
    namespace = await NetworkNamespace.create('grpcurl');
    await namespace.sysctl({ 'netfilter.nf_conntrack_acct': 1 });
    await insertEntries(namespace, [
      '-p tcp -s 10.0.0.1 -d 10.96.0.10 --sport 4000 --dport 80 -g 10.244.1.3:8080 --state ESTABLISHED -t 600 -u SEEN_REPLY,ASSURED',
      '-p udp -s fd00::1 -d 2001:db8::1 --sport 4001 --dport 53 -t 600',
    ]);
    const agent = await LabAgent.start(namespace, { folder: makeFolder() });
    agents.push(agent);
    // Its -unix takes the path for a TCP address, in 1.9.3.
    targets.set('a unix socket', [agent.address]);
    agents.push(await LabAgent.start(namespace, { folder: makeFolder(), tcp: '127.0.0.1:50051' }));
    targets.set('TCP', ['127.0.0.1:50051']);
  });
  after(async () => {
    await Promise.all(agents.map((agent) => agent.stop()));
    await namespace?.close();
  });

  for (const way of ['a unix socket', 'TCP']) {
    const grpcurl = (options: readonly string[], ...words: string[]) =>
      namespace.run('grpcurl', ['-plaintext', ...options, ...(targets.get(way) ?? []), ...words]);

    it(`lists and describes the services over ${way}`, async () => {
      assert.deepEqual((await grpcurl([], 'list')).trim().split('\n').toSorted(), SERVICES);
      assert.match(
        await grpcurl([], 'describe', 'kflow.v1.FlowService'),
        /rpc WatchFlows \(.*\) returns \( stream .*\)/,
      );
      assert.match(await grpcurl([], 'describe', 'grpc.health.v1.Health'), /rpc Check/);
      assert.match(await grpcurl([], 'describe', 'kflow.v1.Flow'), /string protocol = 3;/);
      assert.match(await grpcurl([], 'describe'), /grpc\.health\.v1\.Health is a service/);
    });

    it(`watches flows over ${way}`, async () => {
      const request = '{"snapshot_only": true, "filter": {"protocols": ["tcp"], "cidrs": ["10.244.0.0/16"]}}';
      const response = JSON.parse(await grpcurl(['-d', request], 'kflow.v1.FlowService/WatchFlows'));
      assert.equal(response.sequence, '1');
      assert.equal(response.snapshot, true);
      assert.equal(response.endOfPoll, true);
      assert.equal(response.added.length, 1);
      const [{ id, firstSeenAt, timeoutSeconds, ...flow }] = response.added;
      assert.ok(Number(id) > 0 && Date.parse(firstSeenAt) > 0 && timeoutSeconds > 500);
      assert.deepEqual(flow, {
        family: 4,
        protocol: 'tcp',
        protocolNumber: 6,
        original: {
          sourceAddress: '10.0.0.1',
          destinationAddress: '10.96.0.10',
          sourcePort: 4000,
          destinationPort: 80,
        },
        reply: { sourceAddress: '10.244.1.3', destinationAddress: '10.0.0.1', sourcePort: 8080, destinationPort: 4000 },
        state: 'FLOW_STATE_ESTABLISHED',
        replied: true,
        assured: true,
        stats: { original: { packets: '0', bytes: '0' }, reply: { packets: '0', bytes: '0' } },
      });
    });

    it(`is reported over ${way} what is wrong with a request`, async () => {
      const request = '{"filter": {"cidrs": ["10.0.0.0/99"]}}';
      await assert.rejects(
        grpcurl(['-d', request], 'kflow.v1.FlowService/WatchFlows'),
        /InvalidArgument[\s\S]*10\.0\.0\.0\/99/,
      );
    });

    it(`checks health over ${way}`, async () => {
      const answer = JSON.parse(
        await grpcurl(['-d', '{"service": "kflow.v1.FlowService"}'], 'grpc.health.v1.Health/Check'),
      );
      assert.deepEqual(answer, { status: 'SERVING' });
    });
  }
});
