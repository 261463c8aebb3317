import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from './google/protobuf/Timestamp.ts';
import type { Candidate as _kflow_v1_Candidate, Candidate__Output as _kflow_v1_Candidate__Output } from './kflow/v1/Candidate.ts';
import type { Flow as _kflow_v1_Flow, Flow__Output as _kflow_v1_Flow__Output } from './kflow/v1/Flow.ts';
import type { FlowCounters as _kflow_v1_FlowCounters, FlowCounters__Output as _kflow_v1_FlowCounters__Output } from './kflow/v1/FlowCounters.ts';
import type { FlowFilter as _kflow_v1_FlowFilter, FlowFilter__Output as _kflow_v1_FlowFilter__Output } from './kflow/v1/FlowFilter.ts';
import type { FlowServiceClient as _kflow_v1_FlowServiceClient, FlowServiceDefinition as _kflow_v1_FlowServiceDefinition } from './kflow/v1/FlowService.ts';
import type { FlowStats as _kflow_v1_FlowStats, FlowStats__Output as _kflow_v1_FlowStats__Output } from './kflow/v1/FlowStats.ts';
import type { FlowUpdate as _kflow_v1_FlowUpdate, FlowUpdate__Output as _kflow_v1_FlowUpdate__Output } from './kflow/v1/FlowUpdate.ts';
import type { GetAgentRequest as _kflow_v1_GetAgentRequest, GetAgentRequest__Output as _kflow_v1_GetAgentRequest__Output } from './kflow/v1/GetAgentRequest.ts';
import type { GetAgentResponse as _kflow_v1_GetAgentResponse, GetAgentResponse__Output as _kflow_v1_GetAgentResponse__Output } from './kflow/v1/GetAgentResponse.ts';
import type { KernelCounters as _kflow_v1_KernelCounters, KernelCounters__Output as _kflow_v1_KernelCounters__Output } from './kflow/v1/KernelCounters.ts';
import type { OtherFlows as _kflow_v1_OtherFlows, OtherFlows__Output as _kflow_v1_OtherFlows__Output } from './kflow/v1/OtherFlows.ts';
import type { PollStats as _kflow_v1_PollStats, PollStats__Output as _kflow_v1_PollStats__Output } from './kflow/v1/PollStats.ts';
import type { Tuple as _kflow_v1_Tuple, Tuple__Output as _kflow_v1_Tuple__Output } from './kflow/v1/Tuple.ts';
import type { WatchFlowsRequest as _kflow_v1_WatchFlowsRequest, WatchFlowsRequest__Output as _kflow_v1_WatchFlowsRequest__Output } from './kflow/v1/WatchFlowsRequest.ts';
import type { WatchFlowsResponse as _kflow_v1_WatchFlowsResponse, WatchFlowsResponse__Output as _kflow_v1_WatchFlowsResponse__Output } from './kflow/v1/WatchFlowsResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  google: {
    protobuf: {
      Timestamp: MessageTypeDefinition<_google_protobuf_Timestamp, _google_protobuf_Timestamp__Output>
    }
  }
  kflow: {
    v1: {
      Candidate: MessageTypeDefinition<_kflow_v1_Candidate, _kflow_v1_Candidate__Output>
      Flow: MessageTypeDefinition<_kflow_v1_Flow, _kflow_v1_Flow__Output>
      FlowCounters: MessageTypeDefinition<_kflow_v1_FlowCounters, _kflow_v1_FlowCounters__Output>
      FlowFilter: MessageTypeDefinition<_kflow_v1_FlowFilter, _kflow_v1_FlowFilter__Output>
      FlowService: SubtypeConstructor<typeof grpc.Client, _kflow_v1_FlowServiceClient> & { service: _kflow_v1_FlowServiceDefinition }
      FlowState: EnumTypeDefinition
      FlowStats: MessageTypeDefinition<_kflow_v1_FlowStats, _kflow_v1_FlowStats__Output>
      FlowUpdate: MessageTypeDefinition<_kflow_v1_FlowUpdate, _kflow_v1_FlowUpdate__Output>
      GetAgentRequest: MessageTypeDefinition<_kflow_v1_GetAgentRequest, _kflow_v1_GetAgentRequest__Output>
      GetAgentResponse: MessageTypeDefinition<_kflow_v1_GetAgentResponse, _kflow_v1_GetAgentResponse__Output>
      KernelCounters: MessageTypeDefinition<_kflow_v1_KernelCounters, _kflow_v1_KernelCounters__Output>
      OtherFlows: MessageTypeDefinition<_kflow_v1_OtherFlows, _kflow_v1_OtherFlows__Output>
      PollStats: MessageTypeDefinition<_kflow_v1_PollStats, _kflow_v1_PollStats__Output>
      Setting: EnumTypeDefinition
      Source: EnumTypeDefinition
      Tuple: MessageTypeDefinition<_kflow_v1_Tuple, _kflow_v1_Tuple__Output>
      WatchFlowsRequest: MessageTypeDefinition<_kflow_v1_WatchFlowsRequest, _kflow_v1_WatchFlowsRequest__Output>
      WatchFlowsResponse: MessageTypeDefinition<_kflow_v1_WatchFlowsResponse, _kflow_v1_WatchFlowsResponse__Output>
    }
  }
}
