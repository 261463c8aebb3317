import { type Check, type Finding, ok, warning } from '../check.ts';
import { validateNext } from '../commands.ts';
import type { Plugin } from '../facts.ts';

/** Network plugins whose eBPF programs forward packets past the kernel's conntrack, so that no agent sees them. */
export const network: Check = {
  id: 'network',
  help: 'a network plugin forwards packets past conntrack (Cilium, Calico in eBPF)',
  modes: ['cluster'],
  find({ cluster }) {
    const seen = cluster?.network;
    if (seen === undefined) return [];
    if (seen.kind === 'unseen')
      return [
        warning(`whether the network plugin bypasses conntrack is not known: ${seen.reason}`, {
          commands: [['kubectl', 'get', 'pods', '-A', '-l', 'k8s-app in (cilium,calico-node)']],
          needs: [{ verb: 'list', resource: 'pods' }],
        }),
      ];
    if (seen.plugins.length === 0) return [ok('no plugin that is known to bypass conntrack (Cilium, Calico in eBPF)')];
    return seen.plugins.map((plugin) => (plugin.name === 'cilium' ? cilium(plugin) : calico(plugin)));
  },
};

/** Cilium bypasses the host's stack when it replaces kube-proxy and masquerades in eBPF, except with legacy host routing. */
function cilium({ namespace, settings }: Plugin): Finding {
  const status = inside(namespace, 'cilium', 'cilium-agent', ['cilium-dbg', 'status', '--verbose']);
  if (settings === undefined)
    return warning(
      'Cilium: its eBPF datapath may forward pods’ traffic past conntrack; its settings may not be read',
      status,
    );
  const isOn = (key: string) => ['true', 'strict', 'partial'].includes(settings[key] ?? '');
  const noTrack = isOn('install-no-conntrack-iptables-rules');
  const replaces = isOn('kube-proxy-replacement');
  const bypasses = noTrack || (replaces && isOn('enable-bpf-masquerade') && !isOn('enable-host-legacy-routing'));
  if (bypasses)
    return warning(
      'Cilium’s eBPF datapath forwards pods’ traffic past conntrack: only what passes the host’s own stack is seen (Cilium’s own view: hubble observe; to see it here: enable-host-legacy-routing=true)',
      status,
    );
  return ok(
    replaces
      ? 'Cilium, by way of the host’s stack; it replaces kube-proxy, so connections go to backends, not to services'
      : 'Cilium, by way of the host’s stack',
  );
}

function calico({ namespace, settings }: Plugin): Finding {
  if (settings?.bpfEnabled !== 'true') return ok('Calico, by way of the kernel’s conntrack');
  return warning(
    'Calico’s eBPF datapath forwards pods’ traffic past conntrack: only what passes the host’s own stack is seen',
    inside(namespace, 'calico-node', 'calico-node', ['calico-node', '-bpf', 'conntrack', 'dump']),
  );
}

function inside(namespace: string, daemonSet: string, container: string, command: readonly string[]) {
  return validateNext([namespace], {
    commands: [['kubectl', 'exec', '-n', namespace, `ds/${daemonSet}`, '-c', container, '--', ...command]],
    needs: [{ verb: 'create', resource: 'pods/exec', namespace }],
  });
}
