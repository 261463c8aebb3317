import { Metadata, type Server, type ServerUnaryCall } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { SERVICE_NAME } from '../../wire/service.ts';

/** Header of a NOT_SERVING reply with the reason, percent-encoded. The health protocol has no field for it. */
export const REASON_HEADER = 'kflow-reason';

/** An HTTP/2 header holds a few kilobytes. */
const MAX_REASON_LENGTH = 1000;

type Handlers = Readonly<Record<string, (call: ServerUnaryCall<unknown, unknown>, ...rest: unknown[]) => void>>;

/** Implements grpc.health.v1.Health for the whole server and for FlowService. It also reports why the agent is not serving. */
export class HealthService {
  readonly #health = new HealthImplementation();
  #reason: string | undefined;

  constructor(server: Server) {
    const addService = (service: Parameters<Server['addService']>[0], handlers: Handlers) =>
      server.addService(service, {
        ...handlers,
        check: (call: ServerUnaryCall<unknown, unknown>, ...rest: unknown[]) => {
          if (this.#reason !== undefined) call.sendMetadata(reasonHeader(this.#reason));
          handlers.check?.(call, ...rest);
        },
      });
    this.#health.addToServer({ addService } as unknown as Server);
  }

  /** `reason`: why the agent is not serving; undefined: it is serving. */
  set(reason: string | undefined): void {
    this.#reason = reason;
    for (const name of ['', SERVICE_NAME])
      this.#health.setStatus(name, reason === undefined ? 'SERVING' : 'NOT_SERVING');
  }
}

function reasonHeader(reason: string): Metadata {
  const headers = new Metadata();
  headers.set(REASON_HEADER, encodeURIComponent(reason.slice(0, MAX_REASON_LENGTH).replace(/\p{Cs}/gu, '\ufffd')));
  return headers;
}
