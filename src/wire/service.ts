import {
  type CallOptions,
  type ClientReadableStream,
  type GrpcObject,
  loadPackageDefinition,
  logVerbosity,
  type MethodDefinition,
  type ServiceDefinition,
  setLogVerbosity,
} from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { loadContract } from './contract.ts';
import { countFields } from './count-fields.ts';
import type { ProtoGrpcType } from './gen/flows.ts';
import type { GetAgentRequest } from './gen/kflow/v1/GetAgentRequest.ts';
import type { GetAgentResponse } from './gen/kflow/v1/GetAgentResponse.ts';
import type { WatchFlowsRequest } from './gen/kflow/v1/WatchFlowsRequest.ts';
import type { WatchFlowsResponse, WatchFlowsResponse__Output } from './gen/kflow/v1/WatchFlowsResponse.ts';

export const SERVICE_NAME = 'kflow.v1.FlowService';

// The library writes to stderr on its own, even over the console's screen. It reports the same problems as errors.
if (process.env.GRPC_VERBOSITY === undefined && process.env.GRPC_NODE_VERBOSITY === undefined)
  setLogVerbosity(logVerbosity.NONE);

const MAX_ANSWER_FIELDS = 10_000;

const definition = loadContract();
boundAnswers(definition);
const loaded = loadPackageDefinition(definition) as GrpcObject & ProtoGrpcType;

/** Creates clients: `new FlowServiceClient(address, credentials, options)`. */
export const FlowServiceClient = loaded.kflow.v1.FlowService;
export type FlowServiceClient = InstanceType<typeof FlowServiceClient>;

const { GetAgent, WatchFlows } = FlowServiceClient.service;

/** Serializes a message of WatchFlows. */
export const serializeResponse: (message: WatchFlowsResponse) => Buffer = WatchFlows.responseSerialize;

/** Parses a message of WatchFlows. Throws if the bytes are malformed. */
export const parseResponse: (bytes: Buffer) => WatchFlowsResponse__Output = WatchFlows.responseDeserialize;

/** Calls WatchFlows. Messages arrive as bytes, so that the caller decides when to parse each one. */
export function watchFlowsBytes(
  client: FlowServiceClient,
  request: WatchFlowsRequest,
  options: CallOptions,
): ClientReadableStream<Buffer> {
  const { path, requestSerialize } = WatchFlows;
  return client.makeServerStreamRequest(path, requestSerialize, (bytes) => bytes, request, options);
}

/** The service definition for a server. It writes WatchFlows messages as bytes from `serializeResponse`. */
export const FLOW_SERVICE: {
  readonly GetAgent: MethodDefinition<GetAgentRequest, GetAgentResponse>;
  readonly WatchFlows: MethodDefinition<WatchFlowsRequest, Buffer>;
} = {
  GetAgent,
  WatchFlows: {
    ...WatchFlows,
    responseSerialize: (bytes) => bytes,
    responseDeserialize: () => {
      throw new Error('the definition for servers cannot read responses');
    },
  },
};

/**
 * Limits the replies of GetAgent. The library decodes them as soon as they arrive, so the check belongs here. A reply has some
 * dozens of candidates and counters.
 */
function boundAnswers(all: PackageDefinition): void {
  const { GetAgent: method } = all[SERVICE_NAME] as ServiceDefinition;
  if (method === undefined) return;
  const deserialize = method.responseDeserialize;
  method.responseDeserialize = (bytes) => {
    if (countFields(bytes).total > MAX_ANSWER_FIELDS) throw new Error(`more than ${MAX_ANSWER_FIELDS} fields`);
    return deserialize(bytes);
  };
}
