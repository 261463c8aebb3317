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

// The library writes to stderr by itself, over a console's screen too. What it has to say comes as errors as well.
if (process.env.GRPC_VERBOSITY === undefined && process.env.GRPC_NODE_VERBOSITY === undefined)
  setLogVerbosity(logVerbosity.NONE);

const MAX_ANSWER_FIELDS = 10_000;

const definition = loadContract();
boundAnswers(definition);
const loaded = loadPackageDefinition(definition) as GrpcObject & ProtoGrpcType;

/** Makes clients: `new FlowServiceClient(address, credentials, options)`. */
export const FlowServiceClient = loaded.kflow.v1.FlowService;
export type FlowServiceClient = InstanceType<typeof FlowServiceClient>;

const { GetAgent, WatchFlows } = FlowServiceClient.service;

/** Turns a message of WatchFlows into bytes. */
export const serializeResponse: (message: WatchFlowsResponse) => Buffer = WatchFlows.responseSerialize;

/** Reads the bytes of a message of WatchFlows. Throws where they are none. */
export const parseResponse: (bytes: Buffer) => WatchFlowsResponse__Output = WatchFlows.responseDeserialize;

/** Asks for WatchFlows: its messages come as bytes, so that it is for the caller to say when to read one. */
export function watchFlowsBytes(
  client: FlowServiceClient,
  request: WatchFlowsRequest,
  options: CallOptions,
): ClientReadableStream<Buffer> {
  const { path, requestSerialize } = WatchFlows;
  return client.makeServerStreamRequest(path, requestSerialize, (bytes) => bytes, request, options);
}

/** The service as a server implements it: messages of WatchFlows are written as the bytes of `serializeResponse`. */
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

/** An answer of GetAgent is decoded at once, by the library: so it is bounded there. Its candidates and counters are some dozens. */
function boundAnswers(all: PackageDefinition): void {
  const { GetAgent: method } = all[SERVICE_NAME] as ServiceDefinition;
  if (method === undefined) return;
  const deserialize = method.responseDeserialize;
  method.responseDeserialize = (bytes) => {
    if (countFields(bytes).total > MAX_ANSWER_FIELDS) throw new Error(`more than ${MAX_ANSWER_FIELDS} fields`);
    return deserialize(bytes);
  };
}
