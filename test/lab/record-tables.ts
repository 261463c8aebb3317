/**
 * Records tables of this machine's kernel as text and as messages of netlink, and what `conntrack` says of them, for the tests that need neither (root):
 * `node test/lab/record-tables.ts`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Entry, listConntrack } from './conntrack.ts';
import { insertEveryKind } from './every-kind.ts';
import { NetworkNamespace } from './namespace.ts';
import { makeShow, play } from './show.ts';
import { until } from './until.ts';

const DUMP = fileURLToPath(new URL('dump-netlink.ts', import.meta.url));
const FOLDER = new URL('../fixtures/tables/', import.meta.url);
mkdirSync(FOLDER, { recursive: true });

for (const on of [0, 1]) {
  const namespace = await NetworkNamespace.create('record');
  await namespace.sysctl({ 'netfilter.nf_conntrack_acct': on, 'netfilter.nf_conntrack_timestamp': on });
  await insertEveryKind(namespace);
  await record(namespace, on ? 'every-kind-accounting-timestamps' : 'every-kind');
  await namespace.close();
}

const show = await makeShow();
const stop = new AbortController();
const playing = play(show, stop.signal);
await until('some traffic', 10_000, async () => {
  if ((await listConntrack(show.node(1).namespace)).length < 40) throw new Error('not yet');
});
stop.abort();
await playing;
for (const { name, namespace, pods } of show.nodes) {
  // The streams would continue, and count, between the two readings.
  await Promise.all(pods.map((pod) => pod.namespace.close()));
  await record(namespace, `traffic-${name}`);
}
await show.close();

async function record(namespace: NetworkNamespace, name: string): Promise<void> {
  const text = await namespace.run('cat', ['/proc/net/nf_conntrack']);
  const entries = await listConntrack(namespace);
  const messages = await namespace.run(process.execPath, [DUMP]);
  writeFileSync(new URL(`${name}.txt`, FOLDER), text);
  writeFileSync(new URL(`${name}.jsonl`, FOLDER), entries.map(line).join(''));
  writeFileSync(new URL(`${name}.netlink.gz`, FOLDER), gzipSync(messages, { level: 9 }));
}

function line(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}
