import { type ChildProcess, spawn } from 'node:child_process';
import { readWholeFile } from '../files/read-file.ts';
import { addSecret } from '../format/secrets.ts';
import { KubeError, singleLine } from './errors.ts';
import { type ExecCredential, parseExecCredential } from './exec-credential.ts';
import type { ClusterEntry, ExecEntry, UserEntry } from './kubeconfig-file.ts';

/** The pause after a failure, doubled each time: a plugin may open a browser, or lock an account. */
const MIN_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 30_000;
/** How much of the plugin's last output is kept for the error. */
const MAX_STDERR_BYTES = 4_096;
const MAX_STDOUT_BYTES = 4 * 1024 * 1024;

/** A plugin's use of the terminal. */
export interface Terminal {
  /** Standard input is a terminal, and free: the console does not read it. */
  isFree(): boolean;
  /** The console draws on the terminal, so a plugin must not write there. */
  isDrawn(): boolean;
}

const PROCESS_TERMINAL: Terminal = {
  isFree: () => process.stdin.isTTY === true && !process.stdin.isRaw,
  isDrawn: () => process.stdin.isTTY === true && process.stdin.isRaw === true,
};

const plugins = new Map<string, ExecPlugin>();

/** A kubeconfig that is loaded twice shares one plugin, which then runs once. */
export function execPlugin(
  exec: ExecEntry,
  user: UserEntry,
  cluster: ClusterEntry,
  env: NodeJS.ProcessEnv,
): ExecPlugin {
  const key = JSON.stringify([exec, cluster, user.file, user.name]);
  const plugin = plugins.get(key) ?? new ExecPlugin(exec, user, cluster, env);
  plugins.set(key, plugin);
  return plugin;
}

/**
 * A credential plugin of a kubeconfig, run as kubectl runs it. client-node's is not used: it runs the plugin once for each request that
 * comes before the first result, hides its output, gives it neither terminal nor KUBERNETES_EXEC_INFO, accepts any result, and
 * keeps a result without an expiry for ever.
 */
export class ExecPlugin {
  readonly #exec: ExecEntry;
  readonly #user: UserEntry;
  readonly #cluster: ClusterEntry;
  readonly #env: NodeJS.ProcessEnv;
  readonly #terminal: Terminal;
  #credential: ExecCredential | undefined;
  #running: Promise<ExecCredential> | undefined;
  #failure: { readonly error: KubeError; readonly until: number } | undefined;
  #pauseMs = MIN_PAUSE_MS;
  #replaceAfter = 0;
  #replacePauseMs = MIN_PAUSE_MS;

  constructor(
    exec: ExecEntry,
    user: UserEntry,
    cluster: ClusterEntry,
    env: NodeJS.ProcessEnv,
    terminal: Terminal = PROCESS_TERMINAL,
  ) {
    this.#exec = exec;
    this.#user = user;
    this.#cluster = cluster;
    this.#env = env;
    this.#terminal = terminal;
  }

  /** Calls while the plugin runs share its result. Rejects with a KubeError that names file, user and plugin. */
  get(): Promise<ExecCredential> {
    const known = this.#credential;
    if (known !== undefined && Date.now() <= known.expiresAt) return Promise.resolve(known);
    return this.#renew();
  }

  /**
   * To be called after the API server has refused `used`. Returns newer credentials if there are some. A plugin whose credentials are refused
   * repeatedly does not run for each refusal: then it returns `used`.
   */
  replace(used: ExecCredential): Promise<ExecCredential> {
    const known = this.#credential;
    if (known !== undefined && known !== used) return this.get();
    if (this.#running !== undefined) return this.#running;
    const now = Date.now();
    if (now < this.#replaceAfter) return Promise.resolve(used);
    this.#replacePauseMs = now < this.#replaceAfter + LAST_PAUSE_MS ? longer(this.#replacePauseMs) : MIN_PAUSE_MS;
    this.#replaceAfter = now + this.#replacePauseMs;
    return this.#renew();
  }

  #renew(): Promise<ExecCredential> {
    if (this.#failure !== undefined && Date.now() < this.#failure.until) return Promise.reject(this.#failure.error);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<ExecCredential> {
    try {
      const stdout = await this.#output();
      this.#credential = parseExecCredential(stdout, this.#exec.apiVersion);
      addSecret(this.#credential.token);
      this.#failure = undefined;
      this.#pauseMs = MIN_PAUSE_MS;
      return this.#credential;
    } catch (thrown) {
      const { file, name } = this.#user;
      const why = `exec plugin ${this.#exec.command} ${(thrown as Error).message}`;
      const error = new KubeError('config', `${file}: user "${name}": ${why}`);
      this.#failure = { error, until: Date.now() + this.#pauseMs };
      this.#pauseMs = longer(this.#pauseMs);
      throw error;
    }
  }

  #output(): Promise<string> {
    const { command, args, env, interactiveMode, installHint } = this.#exec;
    const isFree = this.#terminal.isFree();
    const isDrawn = this.#terminal.isDrawn();
    if (interactiveMode === 'Always' && !isFree) {
      const why = isDrawn ? 'the console has it: leave it and start kflow again' : 'standard input is not one';
      return Promise.reject(new Error(`needs a terminal (interactiveMode Always), and ${why}`));
    }
    const interactive = isFree && interactiveMode !== 'Never';
    for (const { value } of env) addSecret(value);
    const child = spawn(command, args, {
      env: {
        ...this.#env,
        ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: `${JSON.stringify(this.#info(interactive))}\n`,
      },
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', isDrawn ? 'pipe' : 'inherit'],
    });
    return outputOf(child, installHint);
  }

  #info(interactive: boolean): unknown {
    const { server, tlsServerName, skipTlsVerify, caFile, caData, proxyUrl, disableCompression, execConfig } =
      this.#cluster;
    const authority = caData ?? (caFile === '' ? undefined : readWholeFile(caFile));
    const cluster = {
      server,
      ...(tlsServerName === '' ? {} : { 'tls-server-name': tlsServerName }),
      ...(skipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
      ...(authority === undefined ? {} : { 'certificate-authority-data': authority.toString('base64') }),
      ...(proxyUrl === '' ? {} : { 'proxy-url': proxyUrl }),
      ...(disableCompression ? { 'disable-compression': true } : {}),
      config: execConfig ?? null,
    };
    const spec = { ...(this.#exec.provideClusterInfo ? { cluster } : {}), interactive };
    return { kind: 'ExecCredential', apiVersion: this.#exec.apiVersion, spec };
  }
}

function longer(pauseMs: number): number {
  return Math.min(LAST_PAUSE_MS, pauseMs * 2);
}

function outputOf(child: ChildProcess, installHint: string): Promise<string> {
  // It must not outlive kflow: nobody would read its output.
  const end = () => void child.kill();
  process.once('exit', end);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < MAX_STDOUT_BYTES) stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_BYTES);
  });
  return new Promise<string>((resolve, reject) => {
    child.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      const hint = installHint === '' ? '' : `; ${singleLine(installHint)}`;
      reject(new Error(code === 'ENOENT' ? `is not found${hint}` : `cannot be started: ${code ?? message}${hint}`));
    });
    child.on('close', (code, signal) => {
      const said = singleLine(stderr.trim().split('\n').at(-1) ?? '');
      const how = code === null ? `was ended by ${signal}` : `failed with exit status ${code}`;
      if (code === 0) resolve(stdout);
      else reject(new Error(said === '' ? how : `${how}: ${said}`));
    });
  }).finally(() => process.off('exit', end));
}
