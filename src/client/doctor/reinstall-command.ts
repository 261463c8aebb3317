import { isImageName, isKubernetesName } from '../format/shell-command.ts';
import { type NextCommands, ownProgram, validateNext } from './commands.ts';
import type { Facts, InstallFacts } from './facts.ts';
import { uncoveredControlPlane } from './uncovered-nodes.ts';

/** The command that installs agents into a namespace without any. */
export function firstInstall(facts: Facts, namespace: string | undefined): NextCommands | undefined {
  const into = namespace ?? 'kflow';
  const needs = [{ verb: 'create', resource: 'daemonsets', group: 'apps', namespace: into }];
  const command = [...ownProgram(facts), 'install', ...(namespace === undefined ? [] : ['-n', namespace]), '--wait'];
  return validateNext([into], { commands: [command], needs });
}

/**
 * The command that upgrades an install. It names the image and the other known options, because an install without an option
 * uses the default. If the image is unknown or a digest, which does not name another version, the operator has to check the install first.
 */
export function reinstallCommand(
  facts: Facts,
  namespace: string | undefined,
  options: readonly string[] = selinuxOptions(facts, facts.cluster?.installs?.[namespace ?? '']?.selinuxType),
): NextCommands | undefined {
  if (namespace === undefined || !isKubernetesName(namespace)) return undefined;
  const image = facts.cluster?.installs?.[namespace]?.image;
  if (image === undefined || image.includes('@') || !isImageName(image)) {
    const needs = [{ verb: 'list', resource: 'daemonsets', group: 'apps', namespace }];
    return { commands: [['kubectl', 'get', 'daemonsets', '-n', namespace, '-o', 'wide']], needs };
  }
  // Netlink reads no file.
  const agent = options.includes('netlink') ? [] : agentOptions(facts.cluster?.installs?.[namespace]);
  if (agent === undefined) {
    const needs = [{ verb: 'get', resource: 'daemonsets', group: 'apps', namespace }];
    return { commands: [['kubectl', 'get', 'daemonsets', '-n', namespace, '-o', 'yaml']], needs };
  }
  const nodes = uncoveredControlPlane(facts).length > 0 ? ['--no-control-plane'] : [];
  // A port of the registry is not a tag.
  const wanted = `${image.replace(/:[^:/]*$/, '')}:${facts.version}`;
  const command = [
    ...ownProgram(facts),
    'install',
    '-n',
    namespace,
    '--image',
    wanted,
    ...agent,
    ...options,
    ...nodes,
    '--wait',
  ];
  return { commands: [command], needs: [{ verb: 'patch', resource: 'daemonsets', group: 'apps', namespace }] };
}

/** Undefined: their values are not valid in a command. */
function agentOptions({ conntrack }: InstallFacts = {}): readonly string[] | undefined {
  if (conntrack !== undefined && !/^(\/[\w.-]+){1,32}$/.test(conntrack)) return undefined;
  // The source is kept without an option.
  return conntrack === undefined ? [] : ['--conntrack', conntrack];
}

/** The options of an install that sets this SELinux type; empty if it is not valid in a command. */
export function selinuxOptions({ cluster }: Facts, type: string | undefined): readonly string[] {
  if (type === undefined || !/^\w{1,128}$/.test(type)) return [];
  // A user who may not list nodes cannot detect OpenShift.
  const isOpenShift = cluster?.nodes?.some((node) => node.isOpenShift) ?? false;
  return isOpenShift ? ['--openshift'] : ['--selinux-type', type];
}
