import type { CleanText } from '../format/sanitize.ts';
import { type AgentState, entryCount } from '../model/agent.ts';
import type { NodeFacts } from './facts.ts';

/** What a node would gain from `install --source netlink`. */
export interface SourceGain {
  readonly node: CleanText;
  readonly kind: 'no-table' | 'quadratic' | 'accounting';
  /** "its kernel has no nf_conntrack in procfs: kflow sees nothing there" */
  readonly reason: string;
}

/** Linux 6.16 made procfs linear: before it, each read of 4 KiB walks the table from its start. */
const LINEAR_SINCE = [6, 16] as const;
/** Below this, that is hardly noticed. */
const MIN_QUADRATIC_ENTRIES = 20_000;

/** Pure: by what the agents report, and the nodes' kernels as far as they are known. */
export function findSourceGains(
  agents: readonly AgentState[],
  nodes: readonly NodeFacts[] | undefined,
): readonly SourceGain[] {
  return agents.flatMap((agent): SourceGain[] => {
    const { node, info } = agent;
    if (info === undefined) return [];
    const { unavailableReason, source, accounting } = info;
    if (unavailableReason !== undefined)
      return isMissing(unavailableReason)
        ? [{ node, kind: 'no-table', reason: 'its kernel has no nf_conntrack in procfs: kflow sees nothing there' }]
        : [];
    const gains: SourceGain[] = [];
    const kernel = nodes?.find(({ name }) => name === node)?.kernel;
    const entries = entryCount(agent) ?? 0;
    if (source === 'procfs' && entries >= MIN_QUADRATIC_ENTRIES && isQuadratic(kernel))
      gains.push({
        node,
        kind: 'quadratic',
        reason: `kernel ${kernel} reads a table of ${entries} entries in quadratic time: polls are slow and rare`,
      });
    if (accounting === 'off')
      gains.push({
        node,
        kind: 'accounting',
        reason: 'accounting is off: no bytes and no rates (--accounting switches it on)',
      });
    return gains;
  });
}

/** No candidate is there, and none is refused. Without the reader's socket, the reader is what is missing. */
function isMissing(reason: string): boolean {
  return reason.includes('ENOENT') && !/EACCES|EPERM|reader/.test(reason);
}

function isQuadratic(kernel: string | undefined): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel ?? '') ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) < LINEAR_SINCE[0] || (Number(major) === LINEAR_SINCE[0] && Number(minor) < LINEAR_SINCE[1]);
}
