export type Protocol = 'tcp' | 'udp';

/** A service's address, and where connections to it go in truth. IPv6 addresses in no brackets. */
export interface Service {
  readonly address: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly backends: readonly { readonly address: string; readonly port: number }[];
  /** The client's address is replaced by the node's, always, as kube-proxy does with `--masquerade-all`. */
  readonly masquerade?: boolean;
}

const MASQUERADE_MARK = '0x4000';

/**
 * The rules of a node: services as kube-proxy makes them in its nftables mode (a map from address, protocol and port to the
 * service's chain, which picks an endpoint's chain at random), and a masquerade of pods that leave the node as network
 * plugins make it.
 */
export function nodeRules(services: readonly Service[], pods: readonly string[], uplink: string): string {
  const chains: string[] = [];
  const elements = { ip: [] as string[], ip6: [] as string[] };
  services.forEach((service, s) => {
    const { address, protocol, port, backends } = service;
    const family = familyOf(address);
    elements[family].push(`${address} . ${protocol} . ${port} : goto service-${s}`);
    const picks = backends.map((_, b) => `${b} : goto endpoint-${s}-${b}`).join(', ');
    const mark = service.masquerade ? `meta mark set meta mark or ${MASQUERADE_MARK}; ` : '';
    chains.push(`chain service-${s} { ${mark}numgen random mod ${backends.length} vmap { ${picks} }; }`);
    backends.forEach((backend, b) => {
      const to = family === 'ip6' ? `[${backend.address}]:${backend.port}` : `${backend.address}:${backend.port}`;
      chains.unshift(`chain endpoint-${s}-${b} { meta l4proto ${protocol} dnat ${family} to ${to}; }`);
    });
  });
  const leaving = pods.map(
    (cidr) =>
      `oifname "${uplink}" ${familyOf(cidr)} saddr ${cidr} ${familyOf(cidr)} daddr != ${cidr} masquerade fully-random`,
  );
  return `
    table inet kflow-lab
    delete table inet kflow-lab
    table inet kflow-lab {
      ${chains.join('\n      ')}
      map services4 { type ipv4_addr . inet_proto . inet_service : verdict; ${elementsOf(elements.ip)} }
      map services6 { type ipv6_addr . inet_proto . inet_service : verdict; ${elementsOf(elements.ip6)} }
      chain services {
        ip daddr . meta l4proto . th dport vmap @services4
        ip6 daddr . meta l4proto . th dport vmap @services6
      }
      chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }
      chain nat-output { type nat hook output priority -100; jump services; }
      chain nat-postrouting {
        type nat hook postrouting priority srcnat;
        meta mark & ${MASQUERADE_MARK} == ${MASQUERADE_MARK} masquerade fully-random
        ${leaving.join('\n        ')}
      }
      chain filter-forward { type filter hook forward priority filter; ct state invalid counter drop; }
      chain filter-input { type filter hook input priority filter; ct state established,related accept; }
    }`;
}

function elementsOf(elements: readonly string[]): string {
  return elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }`;
}

function familyOf(address: string): 'ip' | 'ip6' {
  return address.includes(':') ? 'ip6' : 'ip';
}
