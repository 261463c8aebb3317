/**
 * Writes k8s/netlink/kflow.yaml: k8s/daemonset.yaml as `kflow install --source netlink` applies it, for those who apply manifests
 * with other tools. `--check`: compares, and changes nothing.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { dump } from 'js-yaml';
import { customize } from '../src/client/install/customize.ts';
import { withInventory } from '../src/client/install/inventory.ts';
import { parseManifest } from '../src/client/install/manifest.ts';

const BASE = fileURLToPath(new URL('../k8s/daemonset.yaml', import.meta.url));
export const MANIFEST = fileURLToPath(new URL('../k8s/netlink/kflow.yaml', import.meta.url));

const HEADER = `# kflow for kernels without nf_conntrack in procfs, and for large tables on kernels before 6.16. Made by \`npm run manifest\` from
# ../daemonset.yaml, whose comments say why each field is there.
#
#   kflow install --source netlink    applies this
#   kubectl apply -f k8s/netlink/     gives the same
#
# Beside the agents, which need no capability here either, it has kflow-reader: one pod on each node with NET_ADMIN and the host
# network, without a network port. It hands the kernel's conntrack dumps to the node's agent through a unix socket in /run/kflow.
# To count bytes and packets, or to keep when connections began: kflow install --source netlink --accounting --timestamps.
`;

export function buildManifest(): string {
  const manifest = parseManifest(readFileSync(BASE, 'utf8'));
  if (!manifest.ok) throw new Error(manifest.reason);
  const prepared = customize(manifest, { source: 'netlink' });
  if (!prepared.ok) throw new Error(prepared.reason);
  const { namespace, others, agents } = prepared;
  const objects = [namespace, ...others, withInventory(agents, others)];
  return HEADER + objects.map((object) => dump(object, { noRefs: true, lineWidth: 140 })).join('---\n');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const text = buildManifest();
  if (!argv.includes('--check')) {
    mkdirSync(dirname(MANIFEST), { recursive: true });
    writeFileSync(MANIFEST, text);
  } else if (readFileSync(MANIFEST, 'utf8') !== text) {
    process.stderr.write('k8s/netlink/kflow.yaml is not current: npm run manifest\n');
    process.exitCode = 1;
  }
}
