import { accessSync, constants } from 'node:fs';
import { KubeError } from './errors.ts';
import type { ClusterEntry, ExecEntry, UserEntry } from './kubeconfig-file.ts';
import { describeSystemError } from './kubeconfig-text.ts';
import { hasReadableCredentials, serverUrl } from './server-url.ts';

const PROXY_SCHEMES = ['http', 'https', 'socks5'];
const EXEC_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const INTERACTIVE_MODES = ['Never', 'IfAvailable', 'Always'];
/** kubectl's former auth providers; exec plugins have replaced them. */
const AUTH_PROVIDERS = ['oidc'];

/**
 * Rejects what kubectl rejects before it sends a request: such a file would not do what its writer meant.
 * Other entries of the file do not matter. Throws a KubeError that names file and entry.
 */
export function validateKubeconfig(cluster: ClusterEntry, user: UserEntry): void {
  const fault = clusterFault(cluster);
  if (fault !== undefined) throw new KubeError('config', `${cluster.file}: cluster "${cluster.name}" ${fault}`);
  const secure = serverUrl(cluster.server)?.protocol === 'https:';
  const wrong = userFault(user) ?? (secure ? secureFault(user) : undefined);
  if (wrong !== undefined) throw new KubeError('config', `${user.file}: user "${user.name}" ${wrong}`);
  if (secure && cluster.skipTlsVerify && (cluster.caFile !== '' || cluster.caData !== undefined)) {
    const both = 'has both insecure-skip-tls-verify and a certificate authority; only one of them can hold';
    throw new KubeError('config', `${cluster.file}: cluster "${cluster.name}" ${both}`);
  }
}

function clusterFault({ server, proxyUrl, caFile, caData }: ClusterEntry): string | undefined {
  if (server === '') return 'has no server';
  if (serverUrl(server) === undefined) return 'has a server that is not an http or https URL';
  if (proxyUrl !== '') {
    const proxy = URL.parse(proxyUrl);
    const scheme = proxy?.protocol.replace(/:$/, '') ?? '';
    // The URL itself may hold a password.
    if (!PROXY_SCHEMES.includes(scheme)) return `has a proxy-url that does not begin with ${PROXY_SCHEMES.join(', ')}`;
    if (proxy !== null && !hasReadableCredentials(proxy))
      return 'has a proxy-url whose name and password cannot be decoded';
  }
  if (caFile !== '' && caData !== undefined) return both('certificate-authority');
  return unreadable('certificate-authority', caFile);
}

function userFault(user: UserEntry): string | undefined {
  const { certFile, certData, keyFile, keyData } = user;
  if (certFile !== '' || certData !== undefined) {
    if (certFile !== '' && certData !== undefined) return both('client-certificate');
    if (keyFile !== '' && keyData !== undefined) return both('client-key');
    if (keyFile === '' && keyData === undefined) return 'has a client-certificate without a client-key';
    const fault = unreadable('client-certificate', certFile) ?? unreadable('client-key', keyFile);
    if (fault !== undefined) return fault;
  }
  if (user.exec !== undefined) {
    if (user.authProvider !== undefined) return 'has both exec and auth-provider';
    const fault = execFault(user.exec);
    if (fault !== undefined) return fault;
  }
  if (user.token !== '' && (user.username !== '' || user.password !== '')) return 'has both a token and a password';
  const asMore = user.asUid !== '' || user.asGroups.length > 0 || Object.keys(user.asExtra).length > 0;
  return asMore && user.as === '' ? 'has as-uid, as-groups or as-user-extra without "as"' : undefined;
}

function execFault(exec: ExecEntry): string | undefined {
  if (exec.command === '') return 'has an exec plugin without a command';
  if (exec.apiVersion === '') return `has exec plugin ${exec.command} without an apiVersion`;
  if (exec.env.some(({ name }) => name === '')) return `has exec plugin ${exec.command} with a variable without a name`;
  if (exec.interactiveMode === '') return `has exec plugin ${exec.command} without an interactiveMode`;
  if (!INTERACTIVE_MODES.includes(exec.interactiveMode)) {
    return `has exec plugin ${exec.command} with interactiveMode "${exec.interactiveMode}", which is none of ${INTERACTIVE_MODES.join(', ')}`;
  }
  return undefined;
}

/** Not checked for plain HTTP, where credentials are not sent. */
function secureFault(user: UserEntry): string | undefined {
  const { exec, authProvider } = user;
  if (exec !== undefined && !EXEC_VERSIONS.includes(exec.apiVersion)) {
    return `has exec plugin ${exec.command} with apiVersion "${exec.apiVersion}", which is none of ${EXEC_VERSIONS.join(', ')}`;
  }
  if (authProvider !== undefined && !AUTH_PROVIDERS.includes(authProvider.name)) {
    return `has auth-provider "${authProvider.name}", which kubectl no longer supports: use an exec plugin`;
  }
  if (!isIdentified(user)) return 'has no credentials (kubectl would ask for a name and a password)';
  if (user.tokenFile !== '' && user.username !== '') return 'has both a tokenFile and a password';
  return user.token === '' ? unreadable('tokenFile', user.tokenFile) : undefined;
}

function isIdentified({ token, tokenFile, username, certFile, certData, exec, authProvider }: UserEntry): boolean {
  const texts = [token, tokenFile, username, certFile].some((text) => text !== '');
  return texts || certData !== undefined || exec !== undefined || authProvider !== undefined;
}

const both = (what: string) => `has both ${what} and ${what}-data`;

function unreadable(what: string, path: string): string | undefined {
  if (path === '') return undefined;
  try {
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return `names ${what} ${path}, which cannot be read: ${describeSystemError(error)}`;
  }
}
