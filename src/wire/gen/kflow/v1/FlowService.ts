// Original file: proto/kflow/v1/flows.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetAgentRequest as _kflow_v1_GetAgentRequest, GetAgentRequest__Output as _kflow_v1_GetAgentRequest__Output } from '../../kflow/v1/GetAgentRequest.ts';
import type { GetAgentResponse as _kflow_v1_GetAgentResponse, GetAgentResponse__Output as _kflow_v1_GetAgentResponse__Output } from '../../kflow/v1/GetAgentResponse.ts';
import type { WatchFlowsRequest as _kflow_v1_WatchFlowsRequest, WatchFlowsRequest__Output as _kflow_v1_WatchFlowsRequest__Output } from '../../kflow/v1/WatchFlowsRequest.ts';
import type { WatchFlowsResponse as _kflow_v1_WatchFlowsResponse, WatchFlowsResponse__Output as _kflow_v1_WatchFlowsResponse__Output } from '../../kflow/v1/WatchFlowsResponse.ts';

export interface FlowServiceClient extends grpc.Client {
  GetAgent(argument: _kflow_v1_GetAgentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_kflow_v1_GetAgentResponse__Output>): grpc.ClientUnaryCall;
  GetAgent(argument: _kflow_v1_GetAgentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_kflow_v1_GetAgentResponse__Output>): grpc.ClientUnaryCall;
  GetAgent(argument: _kflow_v1_GetAgentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_kflow_v1_GetAgentResponse__Output>): grpc.ClientUnaryCall;
  GetAgent(argument: _kflow_v1_GetAgentRequest, callback: grpc.requestCallback<_kflow_v1_GetAgentResponse__Output>): grpc.ClientUnaryCall;
  getAgent(argument: _kflow_v1_GetAgentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_kflow_v1_GetAgentResponse__Output>): grpc.ClientUnaryCall;
  getAgent(argument: _kflow_v1_GetAgentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_kflow_v1_GetAgentResponse__Output>): grpc.ClientUnaryCall;
  getAgent(argument: _kflow_v1_GetAgentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_kflow_v1_GetAgentResponse__Output>): grpc.ClientUnaryCall;
  getAgent(argument: _kflow_v1_GetAgentRequest, callback: grpc.requestCallback<_kflow_v1_GetAgentResponse__Output>): grpc.ClientUnaryCall;

  WatchFlows(argument: _kflow_v1_WatchFlowsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_kflow_v1_WatchFlowsResponse__Output>;
  WatchFlows(argument: _kflow_v1_WatchFlowsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_kflow_v1_WatchFlowsResponse__Output>;
  watchFlows(argument: _kflow_v1_WatchFlowsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_kflow_v1_WatchFlowsResponse__Output>;
  watchFlows(argument: _kflow_v1_WatchFlowsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_kflow_v1_WatchFlowsResponse__Output>;

}

export interface FlowServiceHandlers extends grpc.UntypedServiceImplementation {
  GetAgent: grpc.handleUnaryCall<_kflow_v1_GetAgentRequest__Output, _kflow_v1_GetAgentResponse>;

  WatchFlows: grpc.handleServerStreamingCall<_kflow_v1_WatchFlowsRequest__Output, _kflow_v1_WatchFlowsResponse>;

}

export interface FlowServiceDefinition extends grpc.ServiceDefinition {
  GetAgent: MethodDefinition<_kflow_v1_GetAgentRequest, _kflow_v1_GetAgentResponse, _kflow_v1_GetAgentRequest__Output, _kflow_v1_GetAgentResponse__Output>
  WatchFlows: MethodDefinition<_kflow_v1_WatchFlowsRequest, _kflow_v1_WatchFlowsResponse, _kflow_v1_WatchFlowsRequest__Output, _kflow_v1_WatchFlowsResponse__Output>
}
