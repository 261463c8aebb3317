import { KubeConfig } from '@kubernetes/client-node';
import type { UserEntry } from './kubeconfig-file.ts';

/** How client-node sets the headers for an OpenID Connect user. Only these users load this file, as the library is large. */
export function oidcHeaders({ name, authProvider }: UserEntry) {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    // What is asked there is not of this cluster.
    { name: 'none', server: 'https://localhost', skipTLSVerify: false },
    // Without an id-token client-node would not ask for one with the refresh token.
    { name, authProvider: { name: 'oidc', config: { 'id-token': 'none', ...authProvider?.config } } },
  );
  return (options: { headers?: Record<string, unknown> }) =>
    config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
}
