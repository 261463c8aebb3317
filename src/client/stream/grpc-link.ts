import { credentials } from '@grpc/grpc-js';
import { Observable } from 'rxjs';
import { decodeAgent } from '../../wire/agent.ts';
import { decodeResponse, type WatchMessage } from '../../wire/decode.ts';
import type { GetAgentResponse__Output } from '../../wire/gen/kflow/v1/GetAgentResponse.ts';
import type { WatchFlowsResponse__Output } from '../../wire/gen/kflow/v1/WatchFlowsResponse.ts';
import { FlowServiceClient } from '../../wire/service.ts';
import type { AgentTarget, Dialed } from '../discover/target.ts';
import { asError } from '../format/thrown-words.ts';
import type { AgentLink } from './agent-link.ts';
import { cleanAbout } from './clean-agent.ts';
import { explained, guarded } from './grpc-error.ts';

const OPTIONS = {
  // A tunnel's end is on this machine, whatever http_proxy says.
  'grpc.enable_http_proxy': 0,
  // A way that is half open is noticed in 8 s: 4 s of silence, and 4 s without an answer to a ping.
  'grpc.keepalive_time_ms': 4000,
  'grpc.keepalive_timeout_ms': 4000,
  'grpc.keepalive_permit_without_calls': 1,
  // The default window of 64 KiB halves what a tunnel carries.
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
  // Channels to one address share connections, and their waits after a failure: every try is to be a new one.
  'grpc.use_local_subchannel_pool': 1,
  // A message is below 1 MiB.
  'grpc.max_receive_message_length': 4 * 1024 * 1024,
} as const;

/** Dials the agent and makes a gRPC channel over that way; both are closed when it is unsubscribed. */
export function openLink(target: AgentTarget): Observable<AgentLink> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    subscriber.add(() => abort.abort());
    const open = (dialed: Dialed) => {
      subscriber.add(() => dialed.close());
      if (subscriber.closed) return;
      const client = new FlowServiceClient(dialed.address, credentials.createInsecure(), OPTIONS);
      subscriber.add(() => client.close());
      dialed.broken?.then(
        (reason) => subscriber.error(new Error(reason)),
        (error: unknown) => subscriber.error(asError(error)),
      );
      subscriber.next({ about$: about(client), messages$: messages(client) });
    };
    // An address that gRPC does not take is a fault of this agent's, too.
    target
      .dial(abort.signal)
      .then(open)
      .catch((error: unknown) => subscriber.error(asError(error)));
  });
}

function about(client: FlowServiceClient): AgentLink['about$'] {
  return new Observable((subscriber) => {
    const answered = (error: unknown, response?: GetAgentResponse__Output) => {
      if (response === undefined) {
        subscriber.error(explained(error));
        return;
      }
      subscriber.next(cleanAbout(decodeAgent(response)));
      subscriber.complete();
    };
    const failed = (error: Error) => subscriber.error(error);
    const call = client.getAgent({}, guarded(failed, answered));
    return () => call.cancel();
  });
}

function messages(client: FlowServiceClient): Observable<WatchMessage> {
  return new Observable((subscriber) => {
    const failed = (error: Error) => subscriber.error(error);
    const call = client.watchFlows({});
    const take = (response: WatchFlowsResponse__Output) => subscriber.next(decodeResponse(response));
    call.on('data', guarded(failed, take));
    call.on('error', (error: unknown) => subscriber.error(explained(error)));
    call.on('end', () => subscriber.complete());
    return () => call.cancel();
  });
}
