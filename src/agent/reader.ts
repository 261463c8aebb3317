#!/usr/bin/env node
/**
 * `kflow-reader`: passes the kernel's conntrack dumps to the agent of its node through a unix socket. It has only the capability
 * and the network namespace that netlink requires. It does not listen on the network, and it parses nothing.
 */
import { networkInterfaces } from 'node:os';
import { formatAddress, parseAddress } from '../flow/address.ts';
import { version } from '../version.ts';
import { SocketMessages } from './conntrack/netlink/message-source.ts';
import { readTableSize } from './conntrack/netlink/netlink-stats.ts';
import { loadSocketCalls } from './conntrack/netlink/socket.ts';
import { NodeSettings } from './conntrack/reader/node-settings.ts';
import { READER_SOCKET } from './conntrack/reader/protocol.ts';
import { ReaderMessages } from './conntrack/reader/reader-messages.ts';
import { serveReader } from './conntrack/reader/reader-server.ts';
import { createLog } from './log.ts';
import {
  applyGiven,
  type Flags,
  formatSettings,
  type Given,
  InvalidSettingError,
  readFlags,
  readIp,
  readSocketPath,
  readSwitch,
  type Setting,
} from './settings.ts';

const SETTINGS = {
  socket: {
    variable: 'KFLOW_READER_SOCKET',
    flag: 'socket',
    value: 'PATH',
    fallback: READER_SOCKET,
    help: 'the socket, mode 0660; a folder that is made for it has mode 0750',
  },
  hostIp: {
    variable: 'KUBE_HOST_IP',
    flag: 'host-ip',
    value: 'ADDRESS',
    fallback: '',
    help: 'an address of this node: in a network that does not have it nothing is read; any network if empty',
  },
  accounting: {
    variable: 'KFLOW_ACCOUNTING',
    flag: 'accounting',
    fallback: '',
    help: 'switch on net.netfilter.nf_conntrack_acct, by which the kernel counts bytes and packets',
  },
  timestamps: {
    variable: 'KFLOW_TIMESTAMPS',
    flag: 'timestamps',
    fallback: '',
    help: 'switch on net.netfilter.nf_conntrack_timestamp, by which it keeps when a connection began',
  },
  debug: { variable: 'KFLOW_DEBUG', flag: 'debug', fallback: '', help: 'log each answer' },
} as const satisfies Record<string, Setting>;

const HELP = `Usage: kflow-reader [flags]

Dumps this node's conntrack table, by netlink, into a unix socket for the node's kflow-agent. It requires the capability NET_ADMIN
and the node's network namespace.

Each setting is an environment variable and a flag. The flag comes first.

${formatSettings(SETTINGS)}
  --check
      ask the reader at the socket for the table's size: status 0 if it answers
  -h, --help
  --version
`;

interface ReaderConfig {
  readonly socket: string;
  readonly hostIp: string | undefined;
  readonly accounting: boolean;
  readonly timestamping: boolean;
  readonly debug: boolean;
}

const parsed = parse(process.argv.slice(2));
if ('reason' in parsed) {
  createLog((text) => process.stderr.write(text), false, 'kflow-reader').info(parsed.reason);
  process.exitCode = 2;
} else if (parsed.flags.help) process.stdout.write(HELP);
else if (parsed.flags.version) process.stdout.write(`${version()}\n`);
else if (parsed.flags.check) await check(parsed.config.socket);
else await run(parsed.config);

type Parsed = { readonly flags: Flags; readonly config: ReaderConfig } | { readonly reason: string };

function parse(args: readonly string[]): Parsed {
  try {
    const flags = readFlags(args, SETTINGS, 'kflow-reader', ['check']);
    const given = (name: keyof typeof SETTINGS) => applyGiven(SETTINGS[name], flags, process.env);
    const config: ReaderConfig = {
      socket: readSocketPath(given('socket')),
      hostIp: readHostIp(given('hostIp')),
      accounting: readSwitch(given('accounting')),
      timestamping: readSwitch(given('timestamps')),
      debug: readSwitch(given('debug')),
    };
    return { flags, config };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

/** The address in the spelling of `networkInterfaces`. */
function readHostIp(given: Given): string | undefined {
  const text = readIp(given);
  if (text === undefined) return undefined;
  const bytes = new Uint8Array(16);
  const family = parseAddress(text, bytes, 0);
  if (family === undefined) throw new InvalidSettingError(given, 'an IP address');
  return formatAddress(family, bytes, 0);
}

async function run(config: ReaderConfig): Promise<void> {
  process.stderr.on('error', () => {});
  const log = createLog((text) => process.stderr.write(text), config.debug, 'kflow-reader');
  const stopRequested = new Promise<void>((resolve) => {
    process.on('SIGTERM', () => resolve());
    process.on('SIGINT', () => resolve());
  });
  try {
    const messages = new SocketMessages(await loadSocketCalls());
    const settings = new NodeSettings(config, log);
    const reader = await serveReader(config.socket, {
      messages,
      settings: () => settings.read(),
      refusal: () => findNamespaceFault(config.hostIp),
      log,
    });
    log.info(`serving netlink's conntrack dumps on ${config.socket}`);
    const fault = findNamespaceFault(config.hostIp);
    if (fault !== undefined) log.info(fault);
    await stopRequested;
    log.info('shutting down');
    reader.close();
    process.exit(0);
  } catch (error) {
    log.info((error as Error).message);
    process.exit(1);
  }
}

/** Returns why this is not the node's network namespace. Undefined: it is, or the node's namespace is not known. */
function findNamespaceFault(hostIp: string | undefined): string | undefined {
  if (hostIp === undefined) return undefined;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);
  if (own.includes(hostIp)) return undefined;
  return `the reader is not in the node's network: it has no interface with the node's address ${hostIp} (the pod needs hostNetwork: true)`;
}

async function check(socket: string): Promise<void> {
  try {
    const { entries, maxEntries } = await readTableSize(new ReaderMessages(socket));
    process.stdout.write(`${entries ?? 'unknown'} of ${maxEntries ?? 'unknown'} entries\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
