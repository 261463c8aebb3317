import { createServer, type Server } from 'node:http';
import type { AgentDescription } from '../wire/agent.ts';
import { removeStaleSocket } from './grpc/bind.ts';
import { formatListenAddress, parseListenAddress } from './listen-address.ts';
import type { PollTotals } from './polling/poller.ts';
import { withSocketMode } from './unix-socket.ts';

/** A scrape is one short request. */
const HTTP_LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
};
/** Enough for a few scrapers and probes. */
const MAX_METRICS_CONNECTIONS = 32;

type Kind = 'gauge' | 'counter';

/** One metric: its help, and its value for an agent. An undefined value is unknown, and the metric is omitted. */
interface Metric {
  readonly name: string;
  readonly kind: Kind;
  readonly help: string;
  value(agent: AgentDescription, polls: PollTotals): number | undefined;
}

const METRICS: readonly Metric[] = [
  gauge('kflow_serving', 'Whether a conntrack table can be read (1) or not (0).', (agent) =>
    agent.path === '' ? 0 : 1,
  ),
  gauge('kflow_subscribers', 'Open WatchFlows streams.', (agent) => agent.subscribers),
  gauge('kflow_conntrack_entries', "Entries in the node's conntrack table.", (agent) => agent.entries),
  gauge('kflow_conntrack_entries_limit', 'net.netfilter.nf_conntrack_max.', (agent) => agent.maxEntries),
  counter(
    'kflow_conntrack_insert_failed_total',
    'Entries that could not be inserted.',
    (agent) => agent.counters?.insertFailed,
  ),
  counter('kflow_conntrack_drop_total', 'Packets dropped because the table was full.', (agent) => agent.counters?.drop),
  counter('kflow_conntrack_early_drop_total', 'Entries dropped to make room.', (agent) => agent.counters?.earlyDrop),
  counter('kflow_conntrack_search_restart_total', 'Look-ups restarted.', (agent) => agent.counters?.searchRestart),
  counter('kflow_polls_total', 'Polls of the table. None while nobody watches.', (_, polls) => polls.polls),
  counter('kflow_poll_failures_total', 'Polls that could not read the table.', (_, polls) => polls.failures),
  counter('kflow_poll_busy_seconds_total', 'What polls took from one core.', (_, polls) => polls.busySeconds),
  counter('kflow_unparsed_lines_total', 'Lines of the table that were left out.', (_, polls) => polls.unparsedLines),
  counter('process_cpu_seconds_total', 'User and system time of the agent.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }),
  gauge('process_resident_memory_bytes', 'Memory of the agent.', () => process.memoryUsage.rss()),
];

function gauge(name: string, help: string, value: Metric['value']): Metric {
  return { name, kind: 'gauge', help, value };
}

function counter(name: string, help: string, value: Metric['value']): Metric {
  return { name, kind: 'counter', help, value };
}

/** Formats the metrics in the Prometheus text format, version 0.0.4. */
export function formatMetrics(agent: AgentDescription, polls: PollTotals): string {
  const lines = [
    '# HELP kflow_agent_info The agent.',
    '# TYPE kflow_agent_info gauge',
    `kflow_agent_info{node="${label(agent.node)}",version="${label(agent.version)}",source="${agent.source}"} 1`,
  ];
  for (const { name, kind, help, value } of METRICS) {
    const now = value(agent, polls);
    if (now !== undefined) lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, `${name} ${now}`);
  }
  return `${lines.join('\n')}\n`;
}

function label(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Serves /metrics, /healthz (the agent answers) and /readyz (it can read and parse a table). Rejects if it cannot listen. */
export async function serveMetrics(
  listen: string,
  describe: () => Promise<AgentDescription>,
  polls: PollTotals,
  notReady: () => string | undefined,
): Promise<Server> {
  const server = createServer(HTTP_LIMITS, (request, response) => {
    const answer = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    const [path] = (request.url ?? '').split('?');
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, 'only GET and HEAD\n');
    else if (path === '/metrics')
      describe().then(
        (agent) => answer(200, formatMetrics(agent, polls)),
        (error: Error) => answer(500, `${error.message}\n`),
      );
    else if (path === '/healthz') answer(200, 'ok\n');
    else if (path === '/readyz') {
      const reason = notReady();
      if (reason === undefined) answer(200, 'ok\n');
      else answer(503, `${reason}\n`);
    } else answer(404, 'there are /metrics, /healthz and /readyz\n');
  });
  server.maxConnections = MAX_METRICS_CONNECTIONS;
  const address = parseListenAddress(listen);
  if (address === undefined) throw new Error(`${JSON.stringify(listen)} is not an address to listen on`);
  if (address.kind === 'unix') await removeStaleSocket(address.path);
  const start = () =>
    new Promise<Server>((resolve, reject) => {
      const failed = (error: Error) =>
        reject(new Error(`cannot serve metrics on ${formatListenAddress(address)}: ${error.message}`));
      server.once('error', failed);
      const listening = () => {
        server.off('error', failed);
        resolve(server);
      };
      if (address.kind === 'unix') server.listen(address.path, listening);
      else server.listen(address.port, address.host, listening);
    });
  return address.kind === 'unix' ? withSocketMode(start) : start();
}
