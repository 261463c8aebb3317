import { existsSync } from 'node:fs';
import { omittedNotice } from '../format/omitted-flows.ts';
import { programToPaste } from '../format/program-name.ts';
import { type CleanText, cleanText, joined, sentence } from '../format/sanitize.ts';
import { describeUnparsedLines, describeUnparsedTable } from '../format/unparsed-lines.ts';
import { type AgentState, usedAgents } from '../model/agent.ts';

const TABLE = '/proc/net/nf_conntrack';
/** A network namespace tracks connections once a firewall rule uses connection state. */
export const TRACKING_RULES =
  'table inet kflow { chain in { type filter hook input priority 0; ct state new; }; chain out { type filter hook output priority 0; ct state new; }; chain forward { type filter hook forward priority 0; ct state new; }; }';

/** Facts that the hints depend on; tests set them. */
export interface LocalMachine {
  /** The name of this program in commands that are shown. */
  readonly program: CleanText;
  /** How to call this program as root, so that it can be pasted: sudo has a PATH of its own. */
  readonly asRoot: CleanText;
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly hasTable: boolean;
}

export function readLocalMachine(): LocalMachine {
  const program = cleanText(programToPaste('kflow', process.env));
  const asRoot = sentence`sudo env "PATH=$PATH" ${program} --local`;
  return { program, asRoot, platform: process.platform, isRoot: process.getuid?.() === 0, hasTable: existsSync(TABLE) };
}

/** For an agent inside this process: why this machine shows nothing, and what to do. */
export function localHints(
  agents: readonly AgentState[],
  machine: LocalMachine = readLocalMachine(),
): readonly CleanText[] {
  const [agent] = agents;
  if (agent === undefined) return [];
  const { status, info, flows } = agent;
  if (status.kind === 'live') {
    if (flows === 0) return [describeUnparsedTable(agent) ?? describeEmptyTable(machine)];
    const off = info?.accounting === 'off' ? NO_ACCOUNTING : undefined;
    return [describeUnparsedLines(agent), omittedNotice(agent), off].filter((hint) => hint !== undefined);
  }
  if (status.kind === 'connecting' || (status.kind === 'lost' && info?.unavailableReason === undefined)) return [];
  if (machine.platform !== 'linux')
    return [
      sentence`conntrack is a part of Linux: on ${machine.platform} kflow can only show a cluster, or agents elsewhere`,
    ];
  if (!machine.hasTable)
    return [
      machine.isRoot
        ? sentence`there is no ${TABLE}: the kernel's module is not loaded (\`sudo modprobe nf_conntrack\`), or it was built without CONFIG_NF_CONNTRACK_PROCFS`
        : sentence`there is no ${TABLE}: many kernels are built without it. Root reads conntrack by netlink: \`${machine.asRoot}\``,
    ];
  return machine.isRoot ? [] : [sentence`reading the conntrack table requires root: \`${machine.asRoot}\``];
}

function describeEmptyTable({ program }: LocalMachine): CleanText {
  return sentence`the kernel tracks no connections here: no firewall rule uses connection state (\`${program} doctor --local\` says what to type)`;
}

const NO_ACCOUNTING = sentence`the kernel does not count bytes, so there are no rates: \`sudo sysctl -w net.netfilter.nf_conntrack_acct=1\` (for connections made from then on)`;

/** "kflow/kflow-daemon-x: says node1, runs on node3": an honest agent does not claim another node. */
export function describeClaim({ key, namespace, pod, node, claimedNode }: AgentState): CleanText | undefined {
  if (claimedNode === undefined) return undefined;
  const name = pod === undefined || namespace === undefined ? cleanText(key) : sentence`${namespace}/${pod}`;
  return sentence`${name}: says ${claimedNode}, runs on ${node}: its rows count for ${node}`;
}

/** For agents elsewhere. */
export function remoteHints(all: readonly AgentState[]): readonly CleanText[] {
  const agents = usedAgents(all);
  const reported = [
    ...agents.map(describeUnparsedLines),
    ...agents.map(omittedNotice),
    ...agents.map(describeClaim),
  ].filter((hint) => hint !== undefined);
  const off = agents.filter((agent) => agent.status.kind === 'live' && agent.info?.accounting === 'off');
  if (off.length === 0) return reported;
  const where =
    off.length === agents.length
      ? sentence`counted on no node`
      : sentence`not counted on ${joined(
          off.map((agent) => agent.node),
          ', ',
        )}`;
  return [
    ...reported,
    sentence`bytes are ${where}, so there are no rates from there: \`sysctl -w net.netfilter.nf_conntrack_acct=1\` on the node (for connections made from then on)`,
  ];
}
