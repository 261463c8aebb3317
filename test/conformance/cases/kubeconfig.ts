import type { World } from '../compare.ts';

interface Parts {
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** A kubeconfig of one context; what is given replaces what is usual. Undefined removes it. */
export function kubeconfig(world: World, { cluster, user, context }: Parts = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { ...secure(world), ...cluster } }],
    users: [{ name: 'u', user: user ?? { token: 'SECRET-token' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', ...context } }],
    'current-context': 'x',
  };
}

export function secure({ cluster, certificates, base64 }: World) {
  return { server: `https://127.0.0.1:${cluster.port}`, 'certificate-authority-data': base64(certificates.ca) };
}

export const plain = ({ cluster }: World) => ({ server: `http://127.0.0.1:${cluster.plainPort}` });

/** A plugin that writes down what it is given, and answers with the status. */
export function plugin(
  status: unknown,
  options: { readonly version?: string; readonly first?: string; readonly last?: string } = {},
) {
  const { version = 'v1', first = '', last = '' } = options;
  const credential = JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: `client.authentication.k8s.io/${version}`,
    status,
  });
  return `#!/bin/sh
if [ -t 0 ]; then stdin=terminal; elif [ "$(readlink /proc/self/fd/0)" = /dev/null ]; then stdin=null; else stdin=other; fi
echo "$(echo "$KUBERNETES_EXEC_INFO" | tr -d "\\n") args=$* stdin=$stdin more=$MORE" >>"$PLUGIN_LOG"
${first}
cat <<'END'
${credential}
END
${last}
`;
}

/** A user with the plugin. */
export function exec(more: Readonly<Record<string, unknown>> = {}) {
  return {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: './plugin.sh',
      interactiveMode: 'IfAvailable',
      ...more,
    },
  };
}
