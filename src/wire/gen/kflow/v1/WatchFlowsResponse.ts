// Original file: proto/kflow/v1/flows.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/Timestamp.ts';
import type { Flow as _kflow_v1_Flow, Flow__Output as _kflow_v1_Flow__Output } from '../../kflow/v1/Flow.ts';
import type { FlowUpdate as _kflow_v1_FlowUpdate, FlowUpdate__Output as _kflow_v1_FlowUpdate__Output } from '../../kflow/v1/FlowUpdate.ts';
import type { PollStats as _kflow_v1_PollStats, PollStats__Output as _kflow_v1_PollStats__Output } from '../../kflow/v1/PollStats.ts';
import type { OtherFlows as _kflow_v1_OtherFlows, OtherFlows__Output as _kflow_v1_OtherFlows__Output } from '../../kflow/v1/OtherFlows.ts';
import type { Long } from '@grpc/proto-loader';

export interface WatchFlowsResponse {
  'sequence'?: (number | string | Long);
  'observedAt'?: (_google_protobuf_Timestamp | null);
  'snapshot'?: (boolean);
  'endOfPoll'?: (boolean);
  'added'?: (_kflow_v1_Flow)[];
  'updated'?: (_kflow_v1_FlowUpdate)[];
  'removed'?: (number | string | Long)[];
  'poll'?: (_kflow_v1_PollStats | null);
  'others'?: (_kflow_v1_OtherFlows | null);
}

export interface WatchFlowsResponse__Output {
  'sequence'?: (number);
  'observedAt'?: (_google_protobuf_Timestamp__Output);
  'snapshot'?: (boolean);
  'endOfPoll'?: (boolean);
  'added': (_kflow_v1_Flow__Output)[];
  'updated': (_kflow_v1_FlowUpdate__Output)[];
  'removed': (number)[];
  'poll'?: (_kflow_v1_PollStats__Output);
  'others'?: (_kflow_v1_OtherFlows__Output);
}
