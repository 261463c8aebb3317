import { hostname } from 'node:os';
import { socketPath, socketPathFault } from '../socket-path.ts';
import { READER_SOCKET } from './conntrack/reader/protocol.ts';
import type { SourceSettings } from './conntrack/source-choice.ts';
import { isLoopback, parseListenAddress } from './listen-address.ts';
import {
  applyGiven,
  formatSettings,
  type Given,
  InvalidSettingError,
  readFlags,
  readIp,
  readSocketPath,
  readSwitch,
  type Setting,
} from './settings.ts';

export interface AgentConfig extends SourceSettings {
  readonly nodeName: string;
  /** HOST:PORT or unix:PATH. */
  readonly listen: string;
  readonly intervalMs: number;
  /** The maximum share of one core that polling uses: above 0, up to 1. */
  readonly maxDuty: number;
  /** HOST:PORT or unix:PATH. Undefined: no metrics. */
  readonly metricsListen: string | undefined;
  readonly debug: boolean;
}

export type ParsedConfig =
  | { readonly kind: 'config'; readonly config: AgentConfig }
  | { readonly kind: 'help' | 'version' }
  /** One line that names the setting, its value, and the accepted values. */
  | { readonly kind: 'invalid'; readonly reason: string };

const SETTINGS = {
  conntrackPath: {
    variable: 'CONNTRACK_PATH',
    flag: 'conntrack-path',
    value: 'PATH',
    fallback: 'auto',
    help: 'the conntrack table, or "auto" to look for it',
  },
  nodeName: {
    variable: 'KUBE_NODE_NAME',
    flag: 'node-name',
    value: 'NAME',
    fallback: '',
    help: 'the name of this node; the host name if empty',
  },
  hostIp: {
    variable: 'KUBE_HOST_IP',
    flag: 'host-ip',
    value: 'ADDRESS',
    fallback: '',
    help: 'an address of this node: a table of a network that does not have it is not read; any network if empty',
  },
  listen: {
    variable: 'KFLOW_LISTEN',
    flag: 'listen',
    value: 'ADDRESS',
    fallback: '127.0.0.1:50051',
    help: 'where to serve gRPC: HOST:PORT or unix:PATH',
  },
  interval: {
    variable: 'KFLOW_INTERVAL',
    flag: 'interval',
    value: 'DURATION',
    fallback: '1s',
    help: 'from one poll of the table to the next: 500ms, 1s, 2m',
  },
  source: {
    variable: 'KFLOW_SOURCE',
    flag: 'source',
    value: 'SOURCE',
    fallback: 'auto',
    help: 'how to read the table: auto, procfs or netlink',
  },
  readerSocket: {
    variable: 'KFLOW_READER_SOCKET',
    flag: 'reader-socket',
    value: 'PATH',
    fallback: READER_SOCKET,
    help: "the socket of the node's kflow-reader: where its folder is, the table is read through it",
  },
  maxDuty: {
    variable: 'KFLOW_MAX_DUTY',
    flag: 'max-duty',
    value: 'SHARE',
    fallback: '0.1',
    help: 'the share of one core that polling may take: above 0, up to 1',
  },
  metricsListen: {
    variable: 'KFLOW_METRICS_LISTEN',
    flag: 'metrics-listen',
    value: 'ADDRESS',
    fallback: '',
    help: 'where to serve /metrics, /healthz and /readyz by HTTP: HOST:PORT or unix:PATH; off if empty',
  },
  insecure: {
    variable: 'KFLOW_INSECURE',
    flag: 'insecure',
    fallback: '',
    help: 'allow a KFLOW_LISTEN that other machines can reach: without TLS, anybody who reaches it sees the traffic',
  },
  debug: {
    variable: 'KFLOW_DEBUG',
    flag: 'debug',
    fallback: '',
    help: 'log each candidate tested and each poll',
  },
} as const satisfies Record<string, Setting>;

type SettingName = keyof typeof SETTINGS;

/** Reads the settings. `args`: the command line without node and the script. */
export function parseConfig(args: readonly string[], environment: Readonly<NodeJS.ProcessEnv>): ParsedConfig {
  try {
    const flags = readFlags(args, SETTINGS, 'kflow-agent');
    if (flags.help === true) return { kind: 'help' };
    if (flags.version === true) return { kind: 'version' };
    const given = (name: SettingName) => applyGiven(SETTINGS[name], flags, environment);
    return { kind: 'config', config: readConfig(given) };
  } catch (error) {
    return { kind: 'invalid', reason: (error as Error).message };
  }
}

function readConfig(given: (name: SettingName) => Given): AgentConfig {
  const conntrackPath = given('conntrackPath');
  if (conntrackPath.text.includes('\0')) throw new InvalidSettingError(conntrackPath, 'a path');
  refuseWildcard(conntrackPath);
  const listen = given('listen');
  const address = parseListenAddress(readAddress(listen));
  const insecure = readSwitch(given('insecure'));
  if (address !== undefined && !isLoopback(address) && !insecure)
    throw new Error(
      `${listen.name}: ${JSON.stringify(listen.text)} can be reached from other machines, and the agent does not speak ` +
        'TLS yet: give a loopback address or unix:PATH, or allow it with --insecure or KFLOW_INSECURE=1',
    );
  const metrics = given('metricsListen');
  const source = readSource(given('source'));
  if (source === 'netlink' && conntrackPath.text !== 'auto')
    throw new Error(
      `${conntrackPath.name}: ${JSON.stringify(conntrackPath.text)} cannot be combined with ${given('source').name} "netlink", ` +
        'which reads no file: leave one of them out',
    );
  return {
    source,
    hostIp: readIp(given('hostIp')),
    readerSocket: readReaderSocket(given('readerSocket')),
    network: 'node',
    conntrackPath: conntrackPath.text === 'auto' ? undefined : conntrackPath.text,
    nodeName: given('nodeName').text || hostname(),
    listen: listen.text,
    intervalMs: readDuration(given('interval')),
    maxDuty: readShare(given('maxDuty')),
    metricsListen: metrics.text === '' ? undefined : readAddress(metrics),
    debug: readSwitch(given('debug')),
  };
}

function readReaderSocket(given: Given): string {
  refuseWildcard(given);
  return readSocketPath(given);
}

function readAddress(given: Given): string {
  const fault = given.text.startsWith('unix:') ? socketPathFault(socketPath(given.text)) : undefined;
  if (fault !== undefined) throw new Error(`${given.name}: ${JSON.stringify(given.text)}: ${fault}`);
  if (given.text.startsWith('unix:')) refuseWildcard(given);
  if (parseListenAddress(given.text) === undefined)
    throw new InvalidSettingError(given, 'an address: HOST:PORT, [IPV6]:PORT, or unix:PATH');
  return given.text;
}

/** Rejects "*": Node's permission flags treat it as a wildcard, so the agent could access other files as well. */
function refuseWildcard(given: Given): void {
  if (!given.text.includes('*')) return;
  const why = `"*" is a wildcard of Node's permission flags: give a path without it`;
  throw new Error(`${given.name}: ${JSON.stringify(given.text)}: ${why}`);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 3_600_000;

function readDuration(given: Given): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(given.text) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (milliseconds >= MIN_INTERVAL_MS && milliseconds <= MAX_INTERVAL_MS) return milliseconds;
  throw new InvalidSettingError(given, 'a duration from 50ms to 1h: 500ms, 1s, 2m');
}

function readShare(given: Given): number {
  const share = /^\d*\.?\d+$/.test(given.text) ? Number(given.text) : Number.NaN;
  if (share > 0 && share <= 1) return share;
  throw new InvalidSettingError(given, 'a share of one core: a number above 0 and up to 1, as 0.1');
}

const SOURCES = ['auto', 'procfs', 'netlink'] as const;

function readSource(given: Given): SourceSettings['source'] {
  const source = SOURCES.find((one) => one === given.text);
  if (source === undefined) throw new InvalidSettingError(given, 'a source: auto, procfs or netlink');
  return source;
}

/** Returns the output of `--help`. */
export function helpText(): string {
  return `Usage: kflow-agent [flags]

Serves this node's conntrack table over gRPC (kflow.v1.FlowService). It polls only while somebody watches.

Each setting is an environment variable and a flag of the same name: in lower case, without KFLOW_. The flag comes
first. An empty value is the default.

${formatSettings(SETTINGS)}
  -h, --help
  --version
`;
}
