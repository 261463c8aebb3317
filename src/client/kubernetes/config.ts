import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ClusterAccess, shownServer } from './cluster-access.ts';
import { Credentials } from './credentials.ts';
import { KubeError } from './errors.ts';
import { type ContextEntry, type KubeconfigFile, readKubeconfigFile, type UserEntry } from './kubeconfig-file.ts';
import { proxyFor } from './proxy.ts';
import { serverUrl } from './server-url.ts';
import { validateKubeconfig } from './validate-kubeconfig.ts';

/** kubectl's own flags, as far as kflow has them. */
export interface KubeOptions {
  /** A path. Default: the files of $KUBECONFIG, else ~/.kube/config, else the pod's service account. */
  readonly kubeconfig?: string;
  /** Default: the kubeconfig's current context. */
  readonly context?: string;
  /** The namespace in which names are looked up if RBAC does not allow all namespaces. */
  readonly namespace?: string;
  /** Where the agents are. Default: `kflow`. */
  readonly agentNamespaces?: readonly string[];
  /** A label selector that agents must also match. */
  readonly agentSelector?: string;
  /** The name of this program in commands of messages. Default: "kflow". */
  readonly program?: string;
  /** For one request to the API server; not for watches and port-forwards. Default 10 s; 0: no limit. */
  readonly requestTimeoutMs?: number;
}

/** A cluster of the kubeconfig. Creating one sends no request. */
export interface KubeClient {
  /** Opens requests. */
  readonly access: ClusterAccess;
  /** The context's name. */
  readonly context: string;
  /** The namespace of `-n`, else of the context, else "default". */
  readonly namespace: string;
  /** "https://10.0.0.1:6443": for output, see `shownServer`. */
  readonly server: string;
  readonly requestTimeoutMs: number;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const DEFAULT_TIMEOUT_MS = 10_000;

/** Throws a KubeError ('config') that says which file or context is missing or wrong. */
export function loadKubeClient(options: KubeOptions = {}, env: NodeJS.ProcessEnv = process.env): KubeClient {
  const { file, origin } = readConfig(options.kubeconfig, env);
  const name = options.context || file.currentContext;
  const known = file.contexts.map((context) => context.name);
  const choice = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
  if (!name) throw new KubeError('config', `${origin} has no current context; give --context (${choice})`);
  const context = named(file.contexts, name);
  if (context === undefined) throw new KubeError('config', `${origin} has no context "${name}" (${choice})`);
  const cluster = named(file.clusters, context.cluster);
  if (cluster === undefined) {
    throw new KubeError(
      'config',
      `${origin}: context "${name}" names cluster "${context.cluster}", which does not exist`,
    );
  }
  // A context without a user sends anonymous requests.
  const user = named(file.users, context.user) ?? nobody(context);
  validateKubeconfig(cluster, user);
  const server = serverUrl(cluster.server);
  if (server === undefined)
    throw new KubeError('config', `${cluster.file}: cluster "${cluster.name}" has no usable server`);
  const credentials = new Credentials(user, cluster, server.protocol === 'https:', env);
  const proxy = cluster.proxyUrl || proxyFor(server, env);
  return {
    access: new ClusterAccess(server, proxy === undefined ? undefined : new URL(proxy), cluster, user, credentials),
    context: name,
    namespace: options.namespace || context.namespace || 'default',
    server: shownServer(server),
    requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
}

function named<T extends { readonly name: string }>(entries: readonly T[], name: string): T | undefined {
  return entries.find((entry) => entry.name === name);
}

function nobody({ file, user }: ContextEntry): UserEntry {
  const none = { token: '', tokenFile: '', username: '', password: '', certFile: '', keyFile: '', as: '', asUid: '' };
  const absent = { certData: undefined, keyData: undefined, exec: undefined, authProvider: undefined };
  return { name: user, file, ...none, ...absent, asGroups: [], asExtra: {} };
}

function readConfig(path: string | undefined, env: NodeJS.ProcessEnv): { file: KubeconfigFile; origin: string } {
  if (path) return { file: readKubeconfigFile(path), origin: path };
  const listed = [...new Set((env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== ''))];
  const home = join(env.HOME || homedir(), '.kube', 'config');
  const paths = (listed.length > 0 ? listed : [home]).filter((file) => existsSync(file));
  const file = merged(paths.map(readKubeconfigFile));
  const isEmpty = file.clusters.length + file.users.length + file.contexts.length === 0 && file.currentContext === '';
  if (!isEmpty) return { file, origin: paths.join(delimiter) };
  const pod = serviceAccount(env);
  if (pod !== undefined) return { file: pod, origin: "the pod's service account" };
  if (paths.length > 0) throw new KubeError('config', `no cluster is configured: ${paths.join(delimiter)} is empty`);
  const tried = listed.length > 0 ? `KUBECONFIG names ${listed.join(delimiter)}, which does not exist` : `no ${home}`;
  throw new KubeError('config', `no cluster is configured: ${tried}; give --kubeconfig, or try kflow --local`);
}

/** Merges as kubectl does: the first of two entries with the same name counts, and the first current context. */
function merged(files: readonly KubeconfigFile[]): KubeconfigFile {
  return {
    path: '',
    clusters: files.flatMap(({ clusters }) => clusters),
    users: files.flatMap(({ users }) => users),
    contexts: files.flatMap(({ contexts }) => contexts),
    currentContext: files.find(({ currentContext }) => currentContext !== '')?.currentContext ?? '',
  };
}

/** The service account of a pod. */
function serviceAccount(env: NodeJS.ProcessEnv): KubeconfigFile | undefined {
  const [host, port] = [env.KUBERNETES_SERVICE_HOST, env.KUBERNETES_SERVICE_PORT];
  const [tokenFile, caFile] = [join(SERVICE_ACCOUNT, 'token'), join(SERVICE_ACCOUNT, 'ca.crt')];
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const [name, file] = ['in-cluster', SERVICE_ACCOUNT];
  const context = { name, file, cluster: name, user: name, namespace: textOf(join(SERVICE_ACCOUNT, 'namespace')) };
  const cluster = {
    ...{ name, file, server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, tlsServerName: '' },
    ...{ skipTlsVerify: false, caFile: existsSync(caFile) ? caFile : '', caData: undefined, proxyUrl: '' },
    ...{ disableCompression: false, execConfig: undefined },
  };
  return {
    ...{ path: file, clusters: [cluster], users: [{ ...nobody(context), tokenFile }] },
    ...{ contexts: [context], currentContext: name },
  };
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}
