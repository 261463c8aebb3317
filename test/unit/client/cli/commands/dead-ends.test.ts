import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileAgent } from '../../../agent/file-agent.ts';
import { AgentCluster, podObject, serviceObject } from './agent-cluster.ts';
import { runKflow } from './run-process.ts';

const CLIENT = '10.244.2.3';
const POD_IP = { gone: '10.244.1.3', web: '10.244.1.4' };
const DNS = '10.96.0.10';
const selector = { app: 'x' };

function udp(port: number, backend: string, sent: number, received: number): string {
  const there = `src=${CLIENT} dst=${DNS} sport=${port} dport=5353 packets=${sent} bytes=${sent * 60}`;
  const back = `src=${backend} dst=${CLIENT} sport=5353 dport=${port} packets=${received} bytes=${received * 60}`;
  return `ipv4     2 udp      17 118 ${there} ${back} [ASSURED] mark=0 zone=0 use=2\n`;
}

const slice = (service: string, ...nodes: string[]) => ({
  metadata: { uid: `slice-${service}`, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
  endpoints: nodes.map((nodeName) => ({ nodeName, conditions: { ready: true } })),
});

test('the overview tells of UDP to a pod that is gone, and of nodes without a local endpoint', async (t) => {
  const dns = serviceObject('shop', 'dns', { clusterIP: DNS, selector, ports: [{ port: 5353, protocol: 'UDP' }] });
  const local = { selector, internalTrafficPolicy: 'Local', ports: [{ port: 80, protocol: 'TCP' }] };
  const near = serviceObject('shop', 'near', { clusterIP: '10.96.0.11', ...local });
  const fine = serviceObject('shop', 'fine', { clusterIP: '10.96.0.12', ...local });
  let packets = 5;
  const table = () => udp(40_001, POD_IP.gone, packets, 5) + udp(40_002, POD_IP.web, packets, packets);
  const agent = await FileAgent.start(t, table(), false, { nodeName: 'node2', intervalMs: 250 });
  const api = await AgentCluster.start(t, new Map([['node2', agent]]), {
    pods: [podObject('shop', 'cart', 'node2', CLIENT), podObject('shop', 'web', 'node1', POD_IP.web)],
    services: [dns, near, fine],
    endpointslices: [slice('dns', 'node1'), slice('near', 'node1'), slice('fine', 'node1', 'node2')],
  });
  const sending = setInterval(() => {
    packets++;
    agent.writeText(table());
  }, 250);
  t.after(() => clearInterval(sending));
  const { status, out, err } = await runKflow(['--kubeconfig', api.kubeconfig]);
  assert.equal(status, 0, err);
  assert.match(out, /critical: UDP to a pod that is gone: shop\/dns:5353 \(1 connections/);
  assert.match(out, /info: service has no local endpoint: shop\/near \(1 nodes\)\n.* no ready pods on node2:/);
  assert.doesNotMatch(out, /shop\/fine/);
});
