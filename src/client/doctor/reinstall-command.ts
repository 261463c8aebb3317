import { isImageName, isKubernetesName } from '../format/shell-command.ts';
import { type NextCommands, ownProgram, validateNext } from './commands.ts';
import type { Facts, InstallFacts } from './facts.ts';
import { uncoveredControlPlane } from './uncovered-nodes.ts';

/** How to put agents into a namespace where there are none. */
export function firstInstall(facts: Facts, namespace: string | undefined): NextCommands | undefined {
  const into = namespace ?? 'kflow';
  const needs = [{ verb: 'create', resource: 'daemonsets', group: 'apps', namespace: into }];
  const command = [...ownProgram(facts), 'install', ...(namespace === undefined ? [] : ['-n', namespace]), '--wait'];
  return validateNext([into], { commands: [command], needs });
}

/**
 * How to install over what is there. It names the image and the other options that are known, because an install without one goes
 * back to the default; where the image is not known, or a digest, which says nothing of another version, what is there has to be looked at first.
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
  const agent = agentOptions(facts.cluster?.installs?.[namespace]);
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

/** Undefined: they are not such as belong in a command. */
function agentOptions({ conntrack, source }: InstallFacts = {}): readonly string[] | undefined {
  if (conntrack !== undefined && !/^(\/[\w.-]+){1,32}$/.test(conntrack)) return undefined;
  if (source !== undefined && !/^[a-z]{1,32}$/.test(source)) return undefined;
  return [
    ...(conntrack === undefined ? [] : ['--conntrack', conntrack]),
    ...(source === undefined ? [] : ['--source', source]),
  ];
}

/** Of an install whose agents get this SELinux type; none where it is no type, which would then be in a command. */
export function selinuxOptions({ cluster }: Facts, type: string | undefined): readonly string[] {
  if (type === undefined || !/^\w{1,128}$/.test(type)) return [];
  // Who may not list nodes cannot tell OpenShift.
  const isOpenShift = cluster?.nodes?.some((node) => node.isOpenShift) ?? false;
  return isOpenShift ? ['--openshift'] : ['--selinux-type', type];
}
