#!/usr/bin/env node
/**
 * `kflow-agent-probe ready|alive`: the kubelet's exec probe. The agent listens on its pod's loopback, which the kubelet's own
 * HTTP and gRPC probes cannot reach.
 *
 * It implements its single gRPC call over node:http2: loading a gRPC library would triple the cost of a probe, and probes run on
 * every node all the time.
 */
import { checkHealth } from './grpc/health-client.ts';

const PROBES = new Set(['ready', 'alive']);
/** Shorter than the kubelet's timeout, so that the kubelet gets the message. */
const TIMEOUT_MS = 4_000;

const [probe = 'ready', ...rest] = process.argv.slice(2);
if (!PROBES.has(probe) || rest.length > 0) {
  process.stderr.write('usage: kflow-agent-probe ready|alive\n');
  process.exitCode = 2;
} else {
  const answer = await checkHealth(process.env.KFLOW_LISTEN || '127.0.0.1:50051', TIMEOUT_MS);
  // An agent that answers is alive, whatever the answer: if it cannot read its table, it recovers by itself, and a restart would not help.
  const good = probe === 'alive' ? answer.kind !== 'no-reply' : answer.kind === 'status' && answer.status === 'SERVING';
  const { reason } = answer;
  const text = answer.kind !== 'status' ? reason : reason === undefined ? answer.status : `${answer.status}: ${reason}`;
  (good ? process.stdout : process.stderr).write(`${text}\n`);
  process.exitCode = good ? 0 : 1;
}
