import { credentials, InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import { Observable } from 'rxjs';
import { decodeAgent } from '../../wire/agent.ts';
import { countFields } from '../../wire/count-fields.ts';
import { decodeResponse, type WatchMessage } from '../../wire/decode.ts';
import type { GetAgentResponse__Output } from '../../wire/gen/kflow/v1/GetAgentResponse.ts';
import { FlowServiceClient, parseResponse, watchFlowsBytes } from '../../wire/service.ts';
import { asError } from '../format/error-message.ts';
import { MAX_MESSAGE_BYTES, MAX_MESSAGE_FLOWS, MAX_MESSAGE_REMOVED, MAX_UNREAD_BYTES } from '../model/limits.ts';
import type { AgentClient } from './agent-link.ts';
import { cleanInfo } from './clean-agent.ts';
import type { AgentTarget, DialResult } from './discovery.ts';
import { describeGrpcError, toError } from './grpc-error.ts';
import { type Peer, PeerScheduler } from './peer-scheduler.ts';

const OPTIONS = {
  // A port-forward ends on this machine, so http_proxy does not apply.
  'grpc.enable_http_proxy': 0,
  // A half-open connection is noticed in 8 s: 4 s of silence, and 4 s without a reply to a ping.
  'grpc.keepalive_time_ms': 4000,
  'grpc.keepalive_timeout_ms': 4000,
  'grpc.keepalive_permit_without_calls': 1,
  // The default window of 64 KiB halves the throughput of a port-forward.
  'grpc-node.flow_control_window': MAX_UNREAD_BYTES,
  // By default channels to one address share connections and their backoff: each attempt needs its own.
  'grpc.use_local_subchannel_pool': 1,
  // A message is below 1 MiB.
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
} as const;

export interface AgentClientOptions {
  /** Shared by all agents. */
  readonly scheduler: PeerScheduler;
  /** Request only this many flows, the heaviest. */
  readonly maxFlows?: number;
}

const DEFAULT_SCHEDULER = new PeerScheduler();

/** Dials the agent and opens a gRPC channel over that connection; unsubscribing closes both. */
export function connectAgent(target: AgentTarget, options: Partial<AgentClientOptions> = {}): Observable<AgentClient> {
  const asked: AgentClientOptions = { scheduler: DEFAULT_SCHEDULER, ...options };
  return new Observable((subscriber) => {
    const abort = new AbortController();
    subscriber.add(() => abort.abort());
    const open = (dialed: DialResult) => {
      subscriber.add(() => dialed.close());
      if (subscriber.closed) return;
      const client = new FlowServiceClient(dialed.address, credentials.createInsecure(), OPTIONS);
      subscriber.add(() => client.close());
      dialed.closed?.then(
        (reason) => subscriber.error(new Error(reason)),
        (error: unknown) => subscriber.error(asError(error)),
      );
      subscriber.next({ info$: readInfo(client), messages$: messages(client, asked) });
    };
    // An address that gRPC rejects is a failure of this agent only.
    target
      .dial(abort.signal)
      .then(open)
      .catch((error: unknown) => subscriber.error(asError(error)));
  });
}

function readInfo(client: FlowServiceClient): AgentClient['info$'] {
  return new Observable((subscriber) => {
    const answered = (error: unknown, response?: GetAgentResponse__Output) => {
      if (response === undefined) {
        subscriber.error(describeGrpcError(error));
        return;
      }
      subscriber.next(cleanInfo(decodeAgent(response)));
      subscriber.complete();
    };
    const failed = (error: Error) => subscriber.error(error);
    const call = client.getAgent({}, toError(failed, answered));
    return () => call.cancel();
  });
}

/**
 * A message is read only when it is this agent's turn, and the next one is requested after that. Until then messages stay in the
 * transport, whose windows keep the agent from sending more than `MAX_UNREAD_BYTES`.
 */
function messages(client: FlowServiceClient, { scheduler, maxFlows }: AgentClientOptions): Observable<WatchMessage> {
  return new Observable((subscriber) => {
    const failed = (error: Error) => subscriber.error(error);
    const peer: Peer = { debtMs: 0 };
    const read = toError(failed, (bytes: Buffer) => {
      if (!subscriber.closed) subscriber.next(decodeResponse(parsed(bytes), Date.now()));
    });
    const inTurn = (bytes: Buffer, next: (token: Buffer) => void) =>
      scheduler.add(peer, () => {
        read(bytes);
        next(TOKEN);
      });
    const call = watchFlowsBytes(client, maxFlows === undefined ? {} : { maxFlows }, {
      interceptors: [reading(inTurn)],
    });
    // Without this the stream stays paused.
    call.on('data', () => {});
    call.on('error', (error: unknown) => subscriber.error(describeGrpcError(error)));
    call.on('end', () => subscriber.complete());
    return () => call.cancel();
  });
}

const [ADDED, UPDATED, REMOVED] = [5, 6, 7];

function parsed(bytes: Buffer) {
  const { byNumber } = countFields(bytes, REMOVED);
  const flows = (byNumber.get(ADDED) ?? 0) + (byNumber.get(UPDATED) ?? 0);
  if (flows > MAX_MESSAGE_FLOWS) throw new Error(`it sent more than ${MAX_MESSAGE_FLOWS} flows in one message`);
  if ((byNumber.get(REMOVED) ?? 0) > MAX_MESSAGE_REMOVED)
    throw new Error(`it removed more than ${MAX_MESSAGE_REMOVED} flows in one message`);
  try {
    return parseResponse(bytes);
  } catch (error) {
    throw new Error('it sent a message that cannot be read', { cause: error });
  }
}

/** Takes the place of a message that was read. */
const TOKEN = Buffer.alloc(0);

/** Hands each message to `take`, which calls `next` when another one may come. */
function reading(take: (bytes: Buffer, next: (token: Buffer) => void) => void): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, _listener, next) => next(metadata, { onReceiveMessage: take }),
    });
}
