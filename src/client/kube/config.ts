import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type * as ClientNode from '@kubernetes/client-node';
import { clientConfig } from './client-config.ts';
import { KubeError } from './errors.ts';
import { proxyFor } from './proxy.ts';

type KubeConfig = ClientNode.KubeConfig;
const { KubeConfig } = await clientConfig();

/** kubectl's own flags, as far as kflow has them. */
export interface KubeOptions {
  /** A path. Default: the files of $KUBECONFIG, else ~/.kube/config, else the pod's service account. */
  readonly kubeconfig?: string;
  /** Default: the kubeconfig's current context. */
  readonly context?: string;
  /** Only this namespace. Default: all, or as much as RBAC allows. */
  readonly namespace?: string;
  /** All namespaces and nothing less, whatever `namespace` says. */
  readonly allNamespaces?: boolean;
  /** A label selector, in the place of app=kflow-daemon. */
  readonly selector?: string;
  /** For one request to the API server; not for watches and port-forwards. Default 10 s; 0: no limit. */
  readonly requestTimeoutMs?: number;
}

/** A cluster, as the kubeconfig names it. To make one talks to nobody. */
export interface Kube {
  /** For client-node's own API classes: `kube.config.makeApiClient(AppsV1Api)`. */
  readonly config: KubeConfig;
  /** The context's name. */
  readonly context: string;
  /** The namespace of `-n`, else of the context, else "default". */
  readonly namespace: string;
  /** "https://10.0.0.1:6443" */
  readonly server: string;
  readonly requestTimeoutMs: number;
}

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const DEFAULT_TIMEOUT_MS = 10_000;

/** Throws a KubeError ('config') that says which file or context is missing or wrong. */
export function loadKube(options: KubeOptions = {}, env: NodeJS.ProcessEnv = process.env): Kube {
  const { config, origin } = readConfig(options.kubeconfig, env);
  if (options.context !== undefined) config.setCurrentContext(options.context);
  const name = config.getCurrentContext();
  const known = config.getContexts().map((context) => context.name);
  const choice = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
  if (!name) throw new KubeError('config', `${origin} has no current context; give --context (${choice})`);
  const context = config.getContextObject(name);
  if (context === null) throw new KubeError('config', `${origin} has no context "${name}" (${choice})`);
  const cluster = config.getCluster(context.cluster);
  if (cluster === null) {
    throw new KubeError(
      'config',
      `${origin}: context "${name}" names cluster "${context.cluster}", which is not there`,
    );
  }
  if (config.getUser(context.user) === null) {
    // Without a user client-node would leave out the cluster's certificate authority, too.
    config.addUser({ name: context.user });
  }
  const proxyUrl = cluster.proxyUrl ?? proxyFor(cluster.server, env);
  config.clusters = config.clusters.map((other) =>
    other.name === cluster.name
      ? {
          ...other,
          ...(proxyUrl === undefined ? {} : { proxyUrl }),
          // client-node speaks plain HTTP (`kubectl proxy`) only to clusters that are marked so.
          skipTLSVerify: other.skipTLSVerify || other.server.startsWith('http:'),
        }
      : other,
  );
  return {
    config,
    context: name,
    namespace: options.namespace ?? context.namespace ?? 'default',
    server: cluster.server,
    requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
}

function readConfig(path: string | undefined, env: NodeJS.ProcessEnv): { config: KubeConfig; origin: string } {
  if (path !== undefined) return { config: readFile(path), origin: path };
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const home = join(env.HOME || homedir(), '.kube', 'config');
  const files = (listed.length > 0 ? listed : [home]).filter((file) => existsSync(file));
  if (files.length > 0) return { config: merged(files.map(readFile)), origin: files.join(delimiter) };
  if (existsSync(SERVICE_ACCOUNT_TOKEN) && env.KUBERNETES_SERVICE_HOST) {
    const config = new KubeConfig();
    config.loadFromCluster();
    return { config, origin: "the pod's service account" };
  }
  const tried = listed.length > 0 ? `KUBECONFIG names ${listed.join(delimiter)}, which is not there` : `no ${home}`;
  throw new KubeError('config', `no cluster is configured: ${tried}; give --kubeconfig, or try kflow --local`);
}

function readFile(path: string): KubeConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new KubeError('config', `the kubeconfig cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
  } catch (error) {
    const why = text.trim() === '' ? 'it is empty' : (error as Error).message.split('\n')[0];
    throw new KubeError('config', `${path} is not a kubeconfig: ${why}`, { cause: error });
  }
  return config;
}

/** As kubectl merges: of two entries with one name the first counts, and so does the first current context. */
function merged(configs: KubeConfig[]): KubeConfig {
  const all = new KubeConfig();
  all.clusters = firstOfName(configs.flatMap((config) => config.clusters));
  all.users = firstOfName(configs.flatMap((config) => config.users));
  all.contexts = firstOfName(configs.flatMap((config) => config.contexts));
  all.setCurrentContext(configs.find((config) => config.getCurrentContext())?.getCurrentContext() ?? '');
  return all;
}

function firstOfName<T extends { name: string }>(entries: readonly T[]): T[] {
  const byName = new Map<string, T>();
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return [...byName.values()];
}
