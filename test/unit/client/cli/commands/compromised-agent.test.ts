/** A real agent that lies about another node's connections: through the shipped command line and a fake API server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileAgent } from '../../../agent/file-agent.ts';
import { AgentCluster, podObject, serviceObject } from './agent-cluster.ts';
import { runKflow } from './run-process.ts';

const CLIENT = '10.244.1.3';
const SERVICE = '10.96.0.10';
const SERVER = '10.244.1.5';
const EVIL = '10.244.2.66';

const line = (source: string, destination: string, from: string, to: string, bytes: number, port = 40_000) =>
  `ipv4     2 tcp      6 500 ESTABLISHED src=${source} dst=${destination} sport=${port} dport=80 packets=1 bytes=${bytes} ` +
  `src=${from} dst=${to} sport=80 dport=40000 packets=1 bytes=${bytes} [ASSURED] mark=0 zone=0 use=1\n`;

interface Row {
  readonly source: { readonly address: string };
  readonly destination: { readonly name?: string };
  readonly via?: { readonly service?: { readonly name?: string } };
  readonly bytes?: { readonly sent: number };
  readonly observedBy: readonly string[];
  readonly disputed?: string;
}

test('what the agent of node2 says about a connection within node1 changes nothing about it, and is reported', async (t) => {
  const honest = await FileAgent.start(t, line(CLIENT, SERVICE, SERVER, CLIENT, 500), false, { nodeName: 'node1' });
  const lies = [
    line(CLIENT, SERVICE, EVIL, CLIENT, 9_000_000),
    line(EVIL, '10.96.0.99', SERVICE, CLIENT, 9_000_000, 50_000),
    line(CLIENT, SERVER, SERVER, CLIENT, 9_000_000),
  ];
  const liar = await FileAgent.start(t, lies.join(''), false, { nodeName: 'node2' });
  const port = { ports: [{ port: 80, protocol: 'TCP' }], selector: { app: 'web' } };
  const api = await AgentCluster.start(
    t,
    new Map([
      ['node1', honest],
      ['node2', liar],
    ]),
    {
      pods: [
        podObject('shop', 'cart', 'node1', CLIENT),
        podObject('shop', 'web', 'node1', SERVER),
        podObject('tenant', 'evil', 'node2', EVIL),
      ],
      services: [serviceObject('shop', 'web', { clusterIP: SERVICE, ...port })],
    },
  );
  const { out } = await runKflow(['flows', '-o', 'json', '--kubeconfig', api.kubeconfig]);
  const rows = JSON.parse(out) as Row[];
  const [row, another] = rows.filter(({ observedBy }) => observedBy.includes('node1'));
  assert.equal(another, undefined);
  assert.deepEqual(
    [row?.source.address, row?.destination.name, row?.via?.service?.name, row?.bytes?.sent, row?.observedBy],
    [CLIENT, 'web', 'web', 500, ['node1', 'node2']],
  );
  const reported = [
    `node2 says that it came from ${EVIL}:50000 to 10.96.0.99:80, node1 from ${CLIENT}:40000 to ${SERVICE}:80`,
    `node2 says that it continues from ${SERVICE}:80 to ${EVIL}:80, node1 to ${SERVER}:80`,
  ];
  assert.equal(row?.disputed, reported.join('; '));
  const refused = rows.filter(({ observedBy }) => observedBy.join() === 'node2').map(({ disputed }) => disputed);
  assert.deepEqual(refused.sort(), reported);
});
