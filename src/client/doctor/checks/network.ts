import { type Check, type Finding, ok, warning } from '../check.ts';
import type { Plugin } from '../facts.ts';

/** Network plugins whose eBPF programs forward packets past the kernel's conntrack, so that no agent sees them. */
export const network: Check = {
  id: 'network',
  help: 'a network plugin forwards packets past conntrack (Cilium, Calico in eBPF)',
  places: ['cluster'],
  find({ cluster }) {
    const seen = cluster?.network;
    if (seen === undefined) return [];
    if (seen.kind === 'unseen')
      return [
        warning(
          `whether the network plugin bypasses conntrack cannot be told: ${seen.reason}`,
          "kubectl get pods -A -l 'k8s-app in (cilium,calico-node)'",
        ),
      ];
    if (seen.plugins.length === 0) return [ok('no plugin that is known to bypass conntrack (Cilium, Calico in eBPF)')];
    return seen.plugins.map((plugin) => (plugin.name === 'cilium' ? cilium(plugin) : calico(plugin)));
  },
};

/** It leaves the host's stack where it replaces kube-proxy and masquerades in eBPF, unless told to keep to legacy routing. */
function cilium({ namespace, settings }: Plugin): Finding {
  const status = `kubectl -n ${namespace} exec ds/cilium -c cilium-agent -- cilium-dbg status --verbose | grep -E 'Host Routing|Masquerading|KubeProxyReplacement:'`;
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
      'Cilium’s eBPF datapath forwards pods’ traffic past conntrack: only what passes the host’s own stack is seen',
      `${status}   # its own view: hubble observe; to be seen here: enable-host-legacy-routing=true`,
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
    `kubectl -n ${namespace} exec ds/calico-node -c calico-node -- calico-node -bpf conntrack dump | head`,
  );
}
