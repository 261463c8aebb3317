import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileAgent } from '../../../agent/file-agent.ts';
import { AgentCluster, podObject, serviceObject } from './agent-cluster.ts';
import { runKflow } from './run-process.ts';

const POD = '10.244.1.7';
const OUTSIDE = '192.0.2.1';
const HOUR = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

function line(port: number, state = 'ESTABLISHED', timeout = 86_000, destination = OUTSIDE): string {
  const there = `src=${POD} dst=${destination} sport=${port} dport=443 packets=9 bytes=900`;
  const back = `src=${destination === OUTSIDE ? OUTSIDE : '10.244.1.8'} dst=${POD} sport=443 dport=${port} packets=9 bytes=900`;
  return `ipv4     2 tcp      6 ${timeout} ${state} ${there} ${back} [ASSURED] mark=0 zone=0 use=2\n`;
}

interface Event {
  readonly event: string;
  readonly source: { readonly port: number; readonly [key: string]: unknown };
  readonly via?: { readonly service?: { readonly name?: string } };
}

/** `kflow flows -f -o json` until `isDone`. */
async function follow(kubeconfig: string, isDone: (events: readonly Event[]) => boolean): Promise<readonly Event[]> {
  const events: Event[] = [];
  let rest = '';
  const { status, err } = await runKflow(['flows', '-f', '-o', 'json', '--kubeconfig', kubeconfig], {
    read: (text, kill) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const one of lines) events.push(JSON.parse(one));
      if (isDone(events)) kill('SIGINT');
    },
  });
  assert.equal(status, 130, err);
  return events;
}

const last = (events: readonly Event[], port: number) => events.findLast(({ source }) => source.port === port);

test('a connection from before kflow is not named as the pod that has the address of an ended job’s pod now', async (t) => {
  const job = podObject('shop', 'job-1', 'node1', POD, {
    phase: 'Succeeded',
    startTime: ago(5 * HOUR),
    containerStatuses: [{ name: 'job', state: { terminated: { finishedAt: ago(4 * HOUR) } } }],
  });
  const web = podObject('shop', 'web', 'node1', POD, { startTime: ago(3 * HOUR) });
  const table = line(41_001) + line(41_002, 'TIME_WAIT', 100);
  const agent = await FileAgent.start(t, table, false, { nodeName: 'node1', intervalMs: 250 });
  const { kubeconfig } = await AgentCluster.start(t, new Map([['node1', agent]]), { pods: [job, web] });
  const events = await follow(kubeconfig, (seen) => {
    if (seen.length >= 2) agent.writeText(table + line(41_003));
    return last(seen, 41_003)?.source.kind !== undefined;
  });
  const words = { kind: 'pod', namespace: 'shop', node: 'node1' };
  assert.deepEqual(last(events, 41_001)?.source, {
    address: POD,
    port: 41_001,
    candidates: [
      { ...words, name: 'job-1', ended: true },
      { ...words, name: 'web' },
    ],
  });
  for (const port of [41_002, 41_003])
    assert.deepEqual(last(events, port)?.source, { ...words, name: 'web', address: POD, port });
});

test('a service that is deleted and rebuilt with its address does not rename connections that live', async (t) => {
  const spec = { clusterIP: '10.96.7.7', ports: [{ port: 443, protocol: 'TCP' }] };
  const other = { ...spec, clusterIP: '10.96.7.8' };
  const to = (port: number, clusterIp: string) => line(port, 'ESTABLISHED', 86_000, clusterIp);
  const pods = [podObject('shop', 'cart', 'node1', POD), podObject('shop', 'web', 'node1', '10.244.1.8')];
  const old = serviceObject('shop', 'old', spec);
  const before = to(41_001, spec.clusterIP) + to(41_003, other.clusterIP);
  const agent = await FileAgent.start(t, before, false, { nodeName: 'node1', intervalMs: 250 });
  const api = await AgentCluster.start(t, new Map([['node1', agent]]), { pods, services: [old] });
  const reported: string[] = [];
  const once = (step: string, isDue: boolean, act: () => void) => {
    if (!isDue || reported.includes(step)) return;
    reported.push(step);
    act();
  };
  const events = await follow(api.kubeconfig, (seen) => {
    const via = (port: number) => last(seen, port)?.via?.service?.name;
    once('recreated', via(41_001) === 'old' && last(seen, 41_003) !== undefined, () => {
      api.tell('services', 'DELETED', old);
      api.tell('services', 'ADDED', serviceObject('shop', 'next', spec, ago(0)));
      api.tell('services', 'ADDED', serviceObject('shop', 'renamed', other));
    });
    // What was reported last is known, so all is.
    once('used', via(41_003) === 'renamed', () => agent.writeText(before + to(41_002, spec.clusterIP)));
    return via(41_002) === 'next';
  });
  const names = events.filter(({ source }) => source.port === 41_001).map(({ via }) => via?.service?.name);
  assert.equal(names.at(-1), 'old');
  assert.deepEqual(
    [...new Set(names)].filter((name) => name !== undefined),
    ['old'],
  );
});
