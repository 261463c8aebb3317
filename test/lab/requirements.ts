import { spawnSync } from 'node:child_process';

const TOOLS = ['unshare', 'nsenter', 'setpriv', 'ip', 'nft', 'conntrack'];

/** Why the lab cannot run here, in a line for people; undefined when it can. `tools`: what else must be there. */
export function labUnavailable(...tools: string[]): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux: network namespaces and conntrack are its';
  if (process.getuid?.() !== 0) return 'needs root: it makes network namespaces';
  const missing = [...TOOLS, ...tools].filter((tool) => !isInstalled(tool));
  if (missing.length > 0) return `needs ${missing.join(', ')}: not found in PATH (they may be in /usr/sbin)`;
  const tried = spawnSync('unshare', ['--net', 'cat', '/proc/net/nf_conntrack'], { encoding: 'utf8' });
  if (tried.status !== 0) return `needs network namespaces with conntrack: ${tried.stderr.trim()}`;
  return undefined;
}

export function isInstalled(tool: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', tool]).status === 0;
}
