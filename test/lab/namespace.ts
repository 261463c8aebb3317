import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Output {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A network namespace without a name: it lives as long as a process in it does, here a `cat` that ends when its input
 * does. So however this process ends, killed included, the kernel takes the namespace down with its links, rules and
 * conntrack table, and nothing is left behind that a later run would have to find. To look into one from outside:
 * `nsenter --net=/proc/PID/ns/net`.
 */
export class NetworkNamespace {
  readonly name: string;
  readonly pid: number;
  readonly #anchor: ChildProcess;
  readonly #children = new Set<ChildProcess>();

  private constructor(name: string, anchor: ChildProcess) {
    this.name = name;
    this.pid = anchor.pid ?? 0;
    this.#anchor = anchor;
  }

  static async create(name: string): Promise<NetworkNamespace> {
    // Without duplicate address detection an IPv6 link is usable at once, not a second or two later.
    const dad =
      'net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.dad_transmits=0';
    const script = `sysctl -qw ${dad}; ip link set lo up && echo ready && exec cat`;
    const anchor = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', 'sh', '-c', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [first] = await Promise.race([once(anchor.stdout, 'data'), once(anchor, 'exit'), once(anchor, 'error')]);
    if (!Buffer.isBuffer(first)) throw new Error(`cannot make a network namespace: ${String(first)}`);
    return new NetworkNamespace(name, anchor);
  }

  /** The namespace's conntrack table, readable from any namespace. */
  get table(): string {
    return `/proc/${this.pid}/net/nf_conntrack`;
  }

  /** Starts a program in the namespace. It dies with this process, and with `close`. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...this.#entering(command, args)], options);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
    return child;
  }

  /** Runs a program in the namespace to its end, whatever its exit status. */
  try(command: string, args: readonly string[], input = ''): Promise<Output> {
    return new Promise((resolve) => {
      const options = { encoding: 'utf8', maxBuffer: 1 << 30 } as const;
      const child = execFile('setpriv', ['--pdeathsig', 'KILL', ...this.#entering(command, args)], options, done);
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
      function done(error: (Error & { code?: number | string | null }) | null, stdout: string, stderr: string) {
        resolve({ status: error === null ? 0 : (error.code ?? error.message), stdout, stderr });
      }
    });
  }

  /** Runs a program in the namespace; what it printed. Rejects with what it complained of when it fails. */
  async run(command: string, args: readonly string[], input = ''): Promise<string> {
    const { status, stdout, stderr } = await this.try(command, args, input);
    if (status === 0) return stdout;
    throw new Error(`${this.name}: ${command} ${args.join(' ')}: status ${status}: ${stderr.trim()}`);
  }

  /** Runs lines of `ip`, as `ip -batch` takes them. */
  async ip(...lines: string[]): Promise<void> {
    await this.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  }

  async nft(rules: string): Promise<void> {
    await this.run('nft', ['-f', '-'], rules);
  }

  /** Sets kernel parameters of this namespace, by their names below net. */
  async sysctl(settings: Readonly<Record<string, number>>): Promise<void> {
    const args = Object.entries(settings).map(([name, value]) => `net.${name}=${value}`);
    await this.run('sysctl', ['-qw', ...args]);
  }

  /** Ends everything in the namespace, and with that the namespace. */
  async close(): Promise<void> {
    const ending = [...this.#children, this.#anchor].filter((child) => child.exitCode === null && !child.signalCode);
    const ended = ending.map((child) => once(child, 'exit'));
    for (const child of ending) child.kill('SIGKILL');
    await Promise.all(ended);
  }

  #entering(command: string, args: readonly string[]): string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`, command, ...args];
  }
}
