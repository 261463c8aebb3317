#!/usr/bin/env node
/**
 * `kflow-reader`: passes the kernel's conntrack dumps to the agent of its node through a unix socket. It has only the capability
 * and the network namespace that netlink requires. It does not listen on the network, and it parses nothing.
 */
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { formatAddress, parseAddress } from '../flow/address.ts';
import { socketPathFault } from '../socket-path.ts';
import { version } from '../version.ts';
import { SocketMessages } from './conntrack/netlink/message-source.ts';
import { readTableSize } from './conntrack/netlink/netlink-stats.ts';
import { loadSocketCalls } from './conntrack/netlink/socket.ts';
import { NodeSettings } from './conntrack/reader/node-settings.ts';
import { READER_SOCKET } from './conntrack/reader/protocol.ts';
import { ReaderMessages } from './conntrack/reader/reader-messages.ts';
import { serveReader } from './conntrack/reader/reader-server.ts';
import { createLog } from './log.ts';

const OPTIONS = {
  socket: { type: 'string' },
  'host-ip': { type: 'string' },
  accounting: { type: 'boolean' },
  timestamps: { type: 'boolean' },
  debug: { type: 'boolean' },
  check: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const HELP = `Usage: kflow-reader [flags]

Dumps this node's conntrack table, by netlink, into a unix socket for the node's kflow-agent. It requires the capability NET_ADMIN
and the node's network namespace.

Each setting is an environment variable and a flag. The flag comes first.

  --socket PATH
      KFLOW_READER_SOCKET: the socket, mode 0660; a folder that is made for it has mode 0750 (${READER_SOCKET})
  --host-ip ADDRESS
      KUBE_HOST_IP: an address of the node: without it nothing is read from another network namespace by mistake
  --accounting
      KFLOW_ACCOUNTING: switch on net.netfilter.nf_conntrack_acct, by which the kernel counts bytes and packets
  --timestamps
      KFLOW_TIMESTAMPS: switch on net.netfilter.nf_conntrack_timestamp, by which it keeps when a connection began
  --debug
      KFLOW_DEBUG: log more
  --check
      ask the reader at the socket for the table's size: status 0 if it answers
  -h, --help
  --version
`;

interface ReaderConfig {
  readonly socket: string;
  readonly hostIp: string;
  readonly accounting: boolean;
  readonly timestamping: boolean;
  readonly debug: boolean;
}

const env = process.env;
const parsed = parse(process.argv.slice(2));
if ('reason' in parsed) {
  createLog((text) => process.stderr.write(text), false, 'kflow-reader').info(parsed.reason);
  process.exitCode = 2;
} else if (parsed.flags.help) process.stdout.write(HELP);
else if (parsed.flags.version) process.stdout.write(`${version()}\n`);
else if (parsed.flags.check) await check(parsed.config.socket);
else await run(parsed.config);

type Parsed =
  | { readonly flags: Readonly<Record<string, unknown>>; readonly config: ReaderConfig }
  | { readonly reason: string };

function parse(args: string[]): Parsed {
  try {
    const { values } = parseArgs({ args, options: OPTIONS, strict: true, allowPositionals: false });
    const socket = values.socket || env.KFLOW_READER_SOCKET || READER_SOCKET;
    if (!socket.startsWith('/')) throw new Error(`--socket: ${JSON.stringify(socket)} is not an absolute path`);
    const fault = socketPathFault(socket);
    if (fault !== undefined) throw new Error(`--socket: ${JSON.stringify(socket)}: ${fault}`);
    const config: ReaderConfig = {
      socket,
      hostIp: readIp(values['host-ip'] || env.KUBE_HOST_IP || ''),
      accounting: values.accounting ?? readSwitch('KFLOW_ACCOUNTING'),
      timestamping: values.timestamps ?? readSwitch('KFLOW_TIMESTAMPS'),
      debug: values.debug ?? readSwitch('KFLOW_DEBUG'),
    };
    return { flags: values, config };
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    return { reason: `${sentence}; see kflow-reader --help` };
  }
}

/** The address in the spelling of `networkInterfaces`. */
function readIp(text: string): string {
  if (text === '') return '';
  const bytes = new Uint8Array(16);
  const family = parseAddress(text, bytes, 0);
  if (family === undefined) throw new Error(`--host-ip: ${JSON.stringify(text)} is not an IP address`);
  return formatAddress(family, bytes, 0);
}

function readSwitch(name: string): boolean {
  const text = env[name] ?? '';
  if (text === '1' || text === 'true') return true;
  if (text === '' || text === '0' || text === 'false') return false;
  throw new Error(`${name}: ${JSON.stringify(text)} is not a switch: 1 or true, 0 or false`);
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
function findNamespaceFault(hostIp: string): string | undefined {
  if (hostIp === '') return undefined;
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
