import type { InstallOverrides, PreparedManifest } from '../../install/customize.ts';
import { isManaged } from '../../install/inventory.ts';
import { agentContainer, type DaemonSetObject, type KubeObject } from '../../install/manifest.ts';
import type { ObjectClient } from '../../install/object-client.ts';
import {
  isReader,
  NODE_SETTINGS,
  READER,
  type ReaderOptions,
  readReaderOptions,
  usesReader,
} from '../../install/reader-objects.ts';
import { KubeError } from '../../kubernetes/errors.ts';
import type { InstallOptions } from '../options/install-options.ts';

/** How the agents read the table, and what their reader switches on. */
export type InstalledSource = Pick<InstallOverrides, 'source' | 'reader'>;

/** As the options say. */
export function sourceOf({ source, accounting = false, timestamps = false }: InstallOptions): InstalledSource {
  return { ...(source === undefined ? {} : { source }), reader: { accounting, timestamps } };
}

/** As it is installed: without `--source` that stays, and an option of the reader is added to it. */
export async function installedSource(
  api: ObjectClient,
  { agents }: PreparedManifest,
  options: InstallOptions,
): Promise<InstalledSource> {
  const { accounting = false, timestamps = false } = options;
  const installed = await readExisting(api, agents);
  const source = installed && sourceKind(installed as DaemonSetObject);
  if (source !== 'netlink') return { ...(source === undefined ? {} : { source }), reader: { accounting, timestamps } };
  const { namespace } = agents.metadata;
  const metadata = { name: READER, ...(namespace === undefined ? {} : { namespace }) };
  const reader = await readExisting(api, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata } as DaemonSetObject);
  const before = reader !== undefined && isReader(reader) ? readReaderOptions(reader as DaemonSetObject) : undefined;
  return {
    source,
    reader: {
      accounting: accounting || before?.accounting === true,
      timestamps: timestamps || before?.timestamps === true,
    },
  };
}

async function readExisting(api: ObjectClient, object: DaemonSetObject) {
  try {
    const existing = await api.read(object);
    return existing !== undefined && isManaged(existing) ? existing : undefined;
  } catch (error) {
    // The right to read it is checked, with all others, later on.
    if (error instanceof KubeError && error.code === 'forbidden') return undefined;
    throw error;
  }
}

function sourceKind(agents: DaemonSetObject): string | undefined {
  if (usesReader(agents)) return 'netlink';
  const source = agentContainer(agents)?.env?.find(({ name }) => name === 'KFLOW_SOURCE')?.value;
  return source === 'procfs' ? source : undefined;
}

/** What an uninstall leaves on the nodes, and how to undo it. */
export function describeNodesLeft(objects: readonly KubeObject[]): readonly string[] {
  const readers = objects.filter(isReader).map((object) => readReaderOptions(object as DaemonSetObject));
  return NODE_SETTINGS.filter(({ option }) => readers.some((reader) => reader[option])).map(({ file }) => {
    const sysctl = `net.netfilter.${file}`;
    return `${sysctl} stays on where kflow-reader switched it on; on a node, \`sysctl -w ${sysctl}=0\` switches it off`;
  });
}

/** What changes on the nodes themselves, and how to do it without kflow. */
export function describeNodeChanges(reader: ReaderOptions | undefined): readonly string[] {
  return NODE_SETTINGS.filter(({ option }) => reader?.[option] === true).map(({ option, file }) => {
    const sysctl = `net.netfilter.${file}`;
    return `kflow-reader switches on ${sysctl} on each node; to do it yourself, put "${sysctl}=1" into /etc/sysctl.d/90-kflow.conf and leave out --${option}`;
  });
}
