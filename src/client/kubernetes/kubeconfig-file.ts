import { dirname, isAbsolute, resolve } from 'node:path';
import { KubeError } from './errors.ts';
import { Fields } from './kubeconfig-fields.ts';
import { readKubeconfig } from './kubeconfig-text.ts';

/** Texts are '' where the file has none. Paths are absolute: in the file they are relative to its folder. */
export interface ClusterEntry {
  readonly name: string;
  readonly file: string;
  readonly server: string;
  readonly tlsServerName: string;
  readonly skipTlsVerify: boolean;
  readonly caFile: string;
  readonly caData: Buffer | undefined;
  readonly proxyUrl: string;
  readonly disableCompression: boolean;
  /** What the cluster has for exec plugins (extension client.authentication.k8s.io/exec). */
  readonly execConfig: unknown;
}

export interface UserEntry {
  readonly name: string;
  readonly file: string;
  readonly token: string;
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly certFile: string;
  readonly certData: Buffer | undefined;
  readonly keyFile: string;
  readonly keyData: Buffer | undefined;
  readonly as: string;
  readonly asUid: string;
  readonly asGroups: readonly string[];
  readonly asExtra: Readonly<Record<string, readonly string[]>>;
  readonly exec: ExecEntry | undefined;
  readonly authProvider: { readonly name: string; readonly config: Readonly<Record<string, string>> } | undefined;
}

export interface ExecEntry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly apiVersion: string;
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: string;
}

export interface ContextEntry {
  readonly name: string;
  readonly file: string;
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string;
}

export interface KubeconfigFile {
  readonly path: string;
  readonly clusters: readonly ClusterEntry[];
  readonly users: readonly UserEntry[];
  readonly contexts: readonly ContextEntry[];
  readonly currentContext: string;
}

const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';

/**
 * A kubeconfig, read by kubectl's rules. client-node's reader is not used: it refuses a file for one incomplete entry, takes the
 * first of two equal names, reads UTF-8 only, and does not know `tokenFile`, `as-groups`, `as-uid`, `as-user-extra` and
 * extensions. Throws a KubeError that names the file.
 */
export function readKubeconfigFile(path: string): KubeconfigFile {
  const value = readKubeconfig(path);
  try {
    return kubeconfigOf(value, path);
  } catch (error) {
    throw new KubeError('config', `${path} is not a kubeconfig: ${(error as Error).message}`);
  }
}

function kubeconfigOf(value: unknown, path: string): KubeconfigFile {
  const top = new Fields(value, '');
  const [kind, version] = [top.text('kind') || 'Config', top.text('apiVersion') || 'v1'];
  if (kind !== 'Config' || version !== 'v1')
    throw new Error(`it is of kind ${kind} and version ${version}, not Config v1`);
  const folder = resolve(dirname(path));
  const at = (file: string) => (file === '' || isAbsolute(file) ? file : resolve(folder, file));
  const named = <T>(list: string, key: string, entry: (fields: Fields, name: string) => T) => {
    const names = new Set<string>();
    return top.objects(list).map((fields) => {
      const name = fields.text('name');
      if (names.has(name)) throw new Error(`${list} has two entries with the name "${name}"`);
      names.add(name);
      return entry(fields.object(key), name);
    });
  };
  return {
    path,
    clusters: named('clusters', 'cluster', (fields, name) => cluster(fields, name, path, at)),
    users: named('users', 'user', (fields, name) => user(fields, name, path, at)),
    contexts: named('contexts', 'context', (fields, name) => ({
      name,
      file: path,
      cluster: fields.text('cluster'),
      user: fields.text('user'),
      namespace: fields.text('namespace'),
    })),
    currentContext: top.text('current-context'),
  };
}

function cluster(fields: Fields, name: string, file: string, at: (file: string) => string): ClusterEntry {
  const extension = fields.objects('extensions').find((each) => each.text('name') === EXEC_EXTENSION);
  return {
    name,
    file,
    server: fields.text('server'),
    tlsServerName: fields.text('tls-server-name'),
    skipTlsVerify: fields.flag('insecure-skip-tls-verify'),
    caFile: at(fields.text('certificate-authority')),
    caData: fields.data('certificate-authority-data'),
    proxyUrl: fields.text('proxy-url'),
    disableCompression: fields.flag('disable-compression'),
    execConfig: extension?.raw('extension'),
  };
}

function user(fields: Fields, name: string, file: string, at: (file: string) => string): UserEntry {
  const extra = fields.object('as-user-extra');
  const provider = fields.object('auth-provider');
  const config = provider.object('config');
  return {
    name,
    file,
    token: fields.text('token'),
    tokenFile: at(fields.text('tokenFile')),
    username: fields.text('username'),
    password: fields.text('password'),
    certFile: at(fields.text('client-certificate')),
    certData: fields.data('client-certificate-data'),
    keyFile: at(fields.text('client-key')),
    keyData: fields.data('client-key-data'),
    as: fields.text('as'),
    asUid: fields.text('as-uid'),
    asGroups: fields.texts('as-groups'),
    asExtra: Object.fromEntries(extra.keys().map((key) => [key, extra.texts(key)])),
    exec: fields.has('exec') ? exec(fields.object('exec'), at) : undefined,
    authProvider: fields.has('auth-provider')
      ? {
          name: provider.text('name'),
          config: Object.fromEntries(config.keys().map((key) => [key, config.text(key)])),
        }
      : undefined,
  };
}

function exec(fields: Fields, at: (file: string) => string): ExecEntry {
  const command = fields.text('command');
  const apiVersion = fields.text('apiVersion');
  // The older versions did not have the field.
  const mode = apiVersion.match(/^client\.authentication\.k8s\.io\/v1(alpha1|beta1)$/) ? 'IfAvailable' : '';
  return {
    // A name alone is searched for in PATH.
    command: command.includes('/') ? at(command) : command,
    args: fields.texts('args'),
    env: fields.objects('env').map((each) => ({ name: each.text('name'), value: each.text('value') })),
    apiVersion,
    installHint: fields.text('installHint'),
    provideClusterInfo: fields.flag('provideClusterInfo'),
    interactiveMode: fields.text('interactiveMode') || mode,
  };
}
