import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './lab.ts';
import type { NetworkNamespace } from './namespace.ts';

export interface IperfOptions {
  /** Bits per second. */
  readonly bitsPerSecond: number;
  readonly seconds: number;
  readonly udp?: boolean;
  /** The local port of the connection that carries the data. */
  readonly localPort: number;
  /** The server sends. */
  readonly reverse?: boolean;
}

/** What iperf3 says that it moved. */
export interface IperfReport {
  /** Payload per second, both ends' headers not counted. */
  readonly bytesPerSecond: number;
  readonly bytes: number;
  readonly seconds: number;
}

interface RawReport {
  readonly error?: string;
  readonly end?: { readonly sum_sent?: RawSum; readonly sum?: RawSum };
}

interface RawSum {
  readonly bytes: number;
  readonly seconds: number;
}

/** Starts a server, which serves until its namespace is closed, and waits until it listens. */
export async function serveIperf(namespace: NetworkNamespace, port = 5201): Promise<ChildProcess> {
  const server = namespace.spawn('iperf3', ['-s', '-p', `${port}`, '--forceflush'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (server.stdout === null) throw new Error('no output');
  for await (const text of server.stdout.iterator({ destroyOnReturn: false }))
    if (String(text).includes('Server listening')) break;
  server.stdout.resume();
  return server;
}

/**
 * Runs a client to its end. Debian's iperf3 3.12 now and then stalls right at its start, with a report of no bytes or of
 * thousands of seconds: it is then started again, `attempts` times. `onStart` is reported each start.
 */
export async function runIperf(
  client: Host,
  address: string,
  port: number,
  options: IperfOptions,
  onStart: () => void = () => undefined,
  attempts = 3,
): Promise<IperfReport> {
  const { bitsPerSecond, seconds, udp, localPort, reverse } = options;
  const args = [
    '-c',
    address,
    '-p',
    `${port}`,
    '-b',
    `${bitsPerSecond}`,
    '-t',
    `${seconds}`,
    '--cport',
    `${localPort}`,
  ];
  args.push('-J', ...(udp ? ['-u', '-l', '1200'] : ['-l', '8192']), ...(reverse ? ['-R'] : []));
  for (let attempt = 1; ; attempt++) {
    onStart();
    const child = client.namespace.spawn('iperf3', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const overdue = setTimeout(() => child.kill('SIGKILL'), (seconds + 5) * 1000);
    let text = '';
    child.stdout?.on('data', (piece) => {
      text += piece;
    });
    await once(child, 'close');
    clearTimeout(overdue);
    const report = JSON.parse(text === '' ? '{"error": "it stalled"}' : text) as RawReport;
    const sum = report.end?.sum_sent ?? report.end?.sum;
    const moved = sum && sum.bytes > (bitsPerSecond / 8) * seconds * 0.5 && sum.seconds < seconds * 2;
    if (moved) return { bytes: sum.bytes, seconds: sum.seconds, bytesPerSecond: sum.bytes / sum.seconds };
    if (attempt === attempts) throw new Error(`iperf3 moved no bytes: ${report.error ?? JSON.stringify(report.end)}`);
  }
}
