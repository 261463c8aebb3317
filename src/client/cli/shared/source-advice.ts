import { linuxNodes } from '../../doctor/cluster-facts.ts';
import type { NodeFacts } from '../../doctor/facts.ts';
import { findSourceGains, type SourceGain } from '../../doctor/source-gains.ts';
import { errorMessage } from '../../format/error-message.ts';
import { sanitizeLine } from '../../format/notices.ts';
import type { KubeClient } from '../../kubernetes/config.ts';
import { KubeError } from '../../kubernetes/errors.ts';
import { ownCommand } from '../../kubernetes/same-cluster.ts';
import { openSession } from '../../session/open-session.ts';
import type { SessionOptions } from '../../session/session.ts';
import type { InstallOptions } from '../options/install-options.ts';
import { collectFrom, firstValue } from './collect.ts';
import type { CommandIo } from './command-io.ts';

/** How long to wait for agents that were just installed. */
const COLLECT_TIMEOUT_MS = 10_000;

const QUESTION =
  'Use netlink? This adds a second pod per node with NET_ADMIN and the host network, without a network port.';

/**
 * Says which nodes would gain from netlink, what, and the command; asks where somebody can answer. Gives the options of the
 * install that was agreed to.
 */
export async function adviseNetlink(
  kube: KubeClient,
  options: InstallOptions,
  namespace: string,
  io: CommandIo,
): Promise<InstallOptions | undefined> {
  const { kubeconfig, context } = options.kube;
  const agents = {
    agentNamespace: [namespace],
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
  const gains = await readSourceGains(kube, agents, io).catch((error: unknown) => {
    io.signal.throwIfAborted();
    // The install is done; this is advice.
    io.stderr(`${sanitizeLine(`what netlink would give is not known: ${errorMessage(error)}`)}\n`);
    return [];
  });
  if (gains.length === 0) return undefined;
  for (const { node, reason } of gains) io.stderr(`${sanitizeLine(`${node}: ${reason}`)}\n`);
  const accounting = gains.some(({ kind }) => kind === 'accounting');
  const flags = ['--source', 'netlink', ...(accounting ? ['--accounting'] : []), '--wait'];
  const image = options.image === undefined ? [] : ['--image', options.image];
  const file = options.file === undefined ? [] : ['--file', options.file];
  const selinux = options.selinuxType === undefined ? [] : ['--selinux-type', options.selinuxType];
  const others = [
    ...(options.openshift ? ['--openshift'] : []),
    ...(options.controlPlane ? [] : ['--no-control-plane']),
  ];
  const command = ownCommand(['install', '-n', namespace, ...image, ...file, ...selinux, ...others, ...flags], {
    ...options.kube,
    program: io.program,
  });
  io.stderr(`netlink reads the table on each kernel: \`${sanitizeLine(command)}\`\n`);
  if (io.confirm === undefined || !(await io.confirm(QUESTION))) return undefined;
  // Netlink reads no file.
  const { conntrack: _, ...same } = options;
  return { ...same, source: 'netlink', accounting };
}

/** Finds what the nodes of these agents would gain from netlink. Empty if the agents cannot be reached: this is only advice. */
async function readSourceGains(
  kube: KubeClient,
  agents: SessionOptions,
  io: CommandIo,
): Promise<readonly SourceGain[]> {
  const session = await openSession({ ...agents, requestTimeout: COLLECT_TIMEOUT_MS }, io);
  try {
    const collected = firstValue(collectFrom(session, { polls: 2, infos: 'fresh' }), io.signal);
    const [{ snapshot }, nodes] = await Promise.all([collected, readNodes(kube, io.signal)]);
    return findSourceGains(snapshot?.agents ?? [], nodes);
  } finally {
    await session.close();
  }
}

async function readNodes(kube: KubeClient, signal: AbortSignal): Promise<readonly NodeFacts[] | undefined> {
  try {
    return await linuxNodes(kube, signal);
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}
