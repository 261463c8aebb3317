import { rmSync } from 'node:fs';
import { Server, status } from '@grpc/grpc-js';
import { MAX_STREAMS_PER_CONNECTION } from '../limits.ts';
import { version } from '../version.ts';
import { encodeAgent } from '../wire/agent.ts';
import type { GetAgentRequest__Output } from '../wire/gen/kflow/v1/GetAgentRequest.ts';
import type { GetAgentResponse } from '../wire/gen/kflow/v1/GetAgentResponse.ts';
import { FLOW_SERVICE, SERVICE_NAME } from '../wire/service.ts';
import { decodeRequest } from '../wire/watch-request.ts';
import type { AgentConfig } from './config.ts';
import { loadSocketCalls, type SocketCalls } from './conntrack/netlink/socket.ts';
import { NewestEntries } from './conntrack/newest-entries.ts';
import { ReaderLink } from './conntrack/reader/reader-link.ts';
import { findCandidates, mayUseNetlink, usesReader } from './conntrack/source-choice.ts';
import { type FinderOptions, TableFinder } from './conntrack/table-finder.ts';
import { toHostPath } from './conntrack/table-paths.ts';
import { bindServer } from './grpc/bind.ts';
import { describeAgent } from './grpc/get-agent.ts';
import { HealthService } from './grpc/health.ts';
import { addReflection } from './grpc/reflection.ts';
import { StreamBudget } from './grpc/stream-budget.ts';
import { StreamScheduler } from './grpc/stream-scheduler.ts';
import { Subscribers } from './grpc/subscribers.ts';
import { type WatchCall, WatchStream } from './grpc/watch-flows.ts';
import { type Log, SILENT_LOG } from './log.ts';
import { serveMetrics } from './metrics.ts';
import { PollTotals, pollTable } from './polling/poller.ts';

type GetAgentAnswer = (error: { code: status; details: string } | null, response?: GetAgentResponse) => void;

export interface RunningAgent {
  /** The address that a client connects to: "127.0.0.1:50051", "unix:/path". */
  readonly address: string;
  /** Ends the streams with UNAVAILABLE, stops listening and removes a unix socket. Takes at most 2 seconds. */
  close(): Promise<void>;
}

const CLOSE_MS = 2_000;
/** Closes connections without a call: a console's connection always has one. */
const IDLE_MS = 60_000;
const SERVER_OPTIONS = {
  'grpc.max_concurrent_streams': MAX_STREAMS_PER_CONNECTION,
  'grpc.max_connection_idle_ms': IDLE_MS,
  // Detects a subscriber whose machine is gone; otherwise the agent would poll for it forever. A slow subscriber still answers pings.
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 60_000,
  // Requests are small.
  'grpc.max_receive_message_length': 64 * 1024,
} as const;
const SHUTTING_DOWN = 'the agent is shutting down';

/** Starts an agent in this process. Rejects if it cannot listen. If no table is readable, each reply reports that. */
export async function startAgent(
  config: AgentConfig,
  log: Log = SILENT_LOG,
  finding: Pick<FinderOptions, 'checkMs'> = {},
): Promise<RunningAgent> {
  const identity = { node: config.nodeName, version: version(), startedAt: Date.now() };
  const { conntrackPath } = config;
  if (conntrackPath !== undefined && toHostPath(conntrackPath) !== conntrackPath)
    log.info(`${conntrackPath} is the reader's own namespace: reading ${toHostPath(conntrackPath)}, the node's`);
  const calls = mayUseNetlink(config) ? await loadCalls() : undefined;
  const reader = usesReader(config) ? await ReaderLink.open(config.readerSocket) : undefined;
  const finder = new TableFinder({
    findCandidates: () => findCandidates(config, calls, undefined, reader),
    log,
    ...finding,
  });
  const subscribers = new Subscribers();
  const scheduler = new StreamScheduler();
  const totals = new PollTotals();
  const newest = new NewestEntries();
  const polls$ = pollTable({
    finder,
    intervalMs: config.intervalMs,
    maxDuty: config.maxDuty,
    minSubscriberVersion: (table) => subscribers.minVersion(table),
    totals,
    newest,
    log,
  });
  const describe = () => describeAgent(identity, finder, newest, totals, subscribers.count);

  const budget = new StreamBudget();
  const server = new Server({ ...SERVER_OPTIONS, interceptors: [budget.interceptor] });
  server.addService(FLOW_SERVICE, {
    GetAgent(_call: { request: GetAgentRequest__Output }, answer: GetAgentAnswer) {
      describe().then(
        (agent) => answer(null, encodeAgent(agent)),
        (error: Error) => answer({ code: status.INTERNAL, details: error.message }),
      );
    },
    WatchFlows(call: WatchCall) {
      const request = decodeRequest(call.request);
      if ('reason' in request) {
        call.emit('error', { code: status.INVALID_ARGUMENT, details: request.reason });
        return;
      }
      finder.retryNow();
      const state = finder.state$.value;
      if (state.kind === 'none') call.emit('error', { code: status.UNAVAILABLE, details: state.reason });
      else new WatchStream(call, request, subscribers, scheduler).start(polls$);
    },
  });
  const health = new HealthService(server);
  addReflection(server);
  finder.state$.subscribe(() => health.set(finder.notReady));

  try {
    const listener = await bindServer(server, config.listen);
    const { address } = listener;
    const metrics =
      config.metricsListen === undefined
        ? undefined
        : await serveMetrics(config.metricsListen, describe, totals, () => finder.notReady);
    log.info(`serving ${SERVICE_NAME} on ${address}`);
    if (config.metricsListen !== undefined) log.info(`serving metrics on ${config.metricsListen}`);
    return {
      address,
      async close() {
        listener.close();
        finder.close();
        health.set(SHUTTING_DOWN);
        metrics?.close();
        metrics?.closeAllConnections();
        subscribers.endAll(SHUTTING_DOWN);
        // Lets running calls finish. A client that does not read cannot delay this.
        server.tryShutdown(() => {});
        await listener.ended(CLOSE_MS);
        server.forceShutdown();
        if (address.startsWith('unix:')) rmSync(address.slice('unix:'.length), { force: true });
      },
    };
  } catch (error) {
    finder.close();
    server.forceShutdown();
    throw error;
  }
}

/** If the calls cannot be loaded, the candidate reports the reason. */
function loadCalls(): Promise<SocketCalls | Error> {
  return loadSocketCalls().catch((error: Error) => error);
}
