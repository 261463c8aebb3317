// Original file: proto/kflow/v1/flows.proto

import type { Tuple as _kflow_v1_Tuple, Tuple__Output as _kflow_v1_Tuple__Output } from '../../kflow/v1/Tuple.ts';
import type { FlowState as _kflow_v1_FlowState, FlowState__Output as _kflow_v1_FlowState__Output } from '../../kflow/v1/FlowState.ts';
import type { FlowStats as _kflow_v1_FlowStats, FlowStats__Output as _kflow_v1_FlowStats__Output } from '../../kflow/v1/FlowStats.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

export interface Flow {
  'id'?: (number | string | Long);
  'family'?: (number);
  'protocol'?: (string);
  'protocolNumber'?: (number);
  'original'?: (_kflow_v1_Tuple | null);
  'reply'?: (_kflow_v1_Tuple | null);
  'state'?: (_kflow_v1_FlowState);
  'replied'?: (boolean);
  'assured'?: (boolean);
  'offloaded'?: (boolean);
  'stats'?: (_kflow_v1_FlowStats | null);
  'timeoutSeconds'?: (number);
  'mark'?: (number);
  'zone'?: (number);
  'firstSeenAt'?: (_google_protobuf_Timestamp | null);
  'originalZone'?: (number);
  'replyZone'?: (number);
  'hardwareOffloaded'?: (boolean);
  'startKnown'?: (boolean);
  '_assured'?: "assured";
  '_timeoutSeconds'?: "timeoutSeconds";
  '_originalZone'?: "originalZone";
  '_replyZone'?: "replyZone";
}

export interface Flow__Output {
  'id'?: (number);
  'family'?: (number);
  'protocol'?: (string);
  'protocolNumber'?: (number);
  'original'?: (_kflow_v1_Tuple__Output);
  'reply'?: (_kflow_v1_Tuple__Output);
  'state'?: (_kflow_v1_FlowState__Output);
  'replied'?: (boolean);
  'assured'?: (boolean);
  'offloaded'?: (boolean);
  'stats'?: (_kflow_v1_FlowStats__Output);
  'timeoutSeconds'?: (number);
  'mark'?: (number);
  'zone'?: (number);
  'firstSeenAt'?: (_google_protobuf_Timestamp__Output);
  'originalZone'?: (number);
  'replyZone'?: (number);
  'hardwareOffloaded'?: (boolean);
  'startKnown'?: (boolean);
}
