import { linuxNodes } from '../../doctor/cluster-facts.ts';
import type { NodeFacts } from '../../doctor/facts.ts';
import { findSourceGains, type SourceGain } from '../../doctor/source-gains.ts';
import type { KubeClient } from '../../kubernetes/config.ts';
import { KubeError } from '../../kubernetes/errors.ts';
import { openSession } from '../../session/open-session.ts';
import type { SessionOptions } from '../../session/session.ts';
import { collectFrom, firstValue } from './collect.ts';
import type { CommandIo } from './command-io.ts';

/** Agents that were just installed and do not answer by then are not asked further. */
const ASK_MS = 10_000;

/** What the nodes of these agents would gain from netlink. Empty where they cannot be asked: it is advice. */
export async function readSourceGains(
  kube: KubeClient,
  agents: SessionOptions,
  io: CommandIo,
): Promise<readonly SourceGain[]> {
  const session = await openSession({ ...agents, requestTimeout: ASK_MS }, io);
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
