import { type Command, Option } from 'commander';
import type { KubeOptions } from '../../kubernetes/config.ts';
import { usageError } from '../../session/user-error.ts';
import { addKubeOptions, durationOption, parseKubeOptions } from './source-options.ts';

const WAIT_MS = 120_000;

export interface RolloutOptions {
  readonly kube: KubeOptions;
  readonly dryRun: boolean;
  readonly wait: boolean;
  /** Maximum time to wait in milliseconds; 0: no limit. */
  readonly timeoutMs: number;
}

export interface InstallOptions extends RolloutOptions {
  readonly conntrack?: string;
  readonly image?: string;
  readonly source?: string;
  /** The reader switches these on; absent: as installed. */
  readonly accounting?: boolean;
  readonly timestamps?: boolean;
  readonly file?: string;
  readonly openshift: boolean;
  readonly selinuxType?: string;
  readonly controlPlane: boolean;
  /** Only with `dryRun`: prints the objects without a request that changes something, so it needs no such permission. */
  readonly output?: 'yaml' | 'json';
}

export function addInstallOptions(command: Command, name: string): Command {
  command
    .option('-n, --namespace <name>', 'where to put the agents (default: kflow); created if missing')
    .option('--image <name>', 'the agent’s image (default: that of the manifest)')
    .option(
      '--conntrack <path>',
      'path of the conntrack table on the node (default: detect); outside /proc/net the agents get that one file, read-only',
    )
    .option(
      '--source <kind>',
      'how the agents read it: auto, procfs or netlink, which adds a pod per node (default: as installed, else auto)',
    )
    .option('--accounting', 'with --source netlink: switch on nf_conntrack_acct on each node, for bytes and rates')
    .option('--timestamps', 'with --source netlink: switch on nf_conntrack_timestamp on each node, for ages')
    .option('--file <file>', 'a manifest of your own, in the place of kflow’s k8s/daemonset.yaml')
    .option('--openshift', 'with a SecurityContextConstraints for the agents, and the SELinux type spc_t')
    .option('--selinux-type <type>', 'the agents’ SELinux type, where SELinux refuses the table: spc_t')
    .option('--no-control-plane', 'no agents on control-plane nodes')
    .option('--dry-run', 'print the objects and, on stderr, the planned changes, without applying them')
    .addOption(
      new Option(
        '-o, --output <format>',
        'with --dry-run: only print the objects, which needs no right to change anything',
      ).choices(['yaml', 'json']),
    );
  return addRolloutOptions(command, 'until every node has its agent, ready').addHelpText('after', installHelp(name));
}

export function addUninstallOptions(command: Command, name: string): Command {
  command
    .option('-n, --namespace <name>', 'where the agents are (default: kflow)')
    .option('--dry-run', 'change nothing: say what would be removed');
  return addRolloutOptions(command, 'until all is gone').addHelpText('after', uninstallHelp(name));
}

export function installOptions(options: Readonly<Record<string, unknown>>): InstallOptions {
  const overrides = ['conntrack', 'image', 'source', 'file', 'selinuxType'].flatMap((key) =>
    options[key] === undefined ? [] : [[key, String(options[key])]],
  );
  const rollout = rolloutOptions(options, 'install');
  const { output } = options;
  if (output !== undefined && !rollout.dryRun)
    throw usageError('-o is for --dry-run, which prints the objects: add --dry-run, or leave out -o');
  return {
    ...rollout,
    ...Object.fromEntries(overrides),
    ...(options.accounting === true ? { accounting: true } : {}),
    ...(options.timestamps === true ? { timestamps: true } : {}),
    openshift: options.openshift === true,
    controlPlane: options.controlPlane !== false,
    ...(output === 'yaml' || output === 'json' ? { output } : {}),
  };
}

export function uninstallOptions(options: Readonly<Record<string, unknown>>): RolloutOptions {
  return rolloutOptions(options, 'uninstall');
}

function addRolloutOptions(command: Command, until: string): Command {
  command
    .option('--wait', `wait ${until}`)
    .addOption(
      new Option('--timeout <time>', 'how long to wait: 30s, 5m; 0: for ever')
        .argParser(durationOption)
        .default(WAIT_MS, '2m'),
    );
  return addKubeOptions(command);
}

function rolloutOptions(options: Readonly<Record<string, unknown>>, command: string): RolloutOptions {
  const { dryRun, wait, timeout } = options;
  return {
    kube: parseKubeOptions(options, command),
    dryRun: dryRun === true,
    wait: wait === true,
    timeoutMs: typeof timeout === 'number' ? timeout : WAIT_MS,
  };
}

function installHelp(name: string): string {
  return `
Examples:
  ${name} install --image registry.example/kflow-daemon:1 --wait
  ${name} install --conntrack /proc/net/nf_conntrack
  ${name} install --dry-run -o yaml > kflow.yaml     what would be applied, for kubectl apply -f

The same command again brings what is there up to date (server-side apply); options that are not given go back to their
defaults, except for --source and what belongs to it. What it does not change is not touched.

--source netlink is for kernels without nf_conntrack in procfs (Ubuntu's), and for large tables on kernels before 6.16. It adds the
DaemonSet kflow-reader: one pod per node with NET_ADMIN and the host network, without a network port. See docs/sources.md.`;
}

function uninstallHelp(name: string): string {
  return `
The namespace goes too, if install made it and nothing else is in it. What somebody else made stays.
See before: ${name} uninstall --dry-run`;
}
