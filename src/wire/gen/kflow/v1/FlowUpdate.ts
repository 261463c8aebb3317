// Original file: proto/kflow/v1/flows.proto

import type { FlowStats as _kflow_v1_FlowStats, FlowStats__Output as _kflow_v1_FlowStats__Output } from '../../kflow/v1/FlowStats.ts';
import type { FlowState as _kflow_v1_FlowState, FlowState__Output as _kflow_v1_FlowState__Output } from '../../kflow/v1/FlowState.ts';
import type { Long } from '@grpc/proto-loader';

export interface FlowUpdate {
  'id'?: (number | string | Long);
  'stats'?: (_kflow_v1_FlowStats | null);
  'state'?: (_kflow_v1_FlowState);
  'replied'?: (boolean);
  'assured'?: (boolean);
  'offloaded'?: (boolean);
  'timeoutSeconds'?: (number);
  'mark'?: (number);
  'hardwareOffloaded'?: (boolean);
  '_state'?: "state";
  '_replied'?: "replied";
  '_assured'?: "assured";
  '_offloaded'?: "offloaded";
  '_timeoutSeconds'?: "timeoutSeconds";
  '_mark'?: "mark";
  '_hardwareOffloaded'?: "hardwareOffloaded";
}

export interface FlowUpdate__Output {
  'id'?: (number);
  'stats'?: (_kflow_v1_FlowStats__Output);
  'state'?: (_kflow_v1_FlowState__Output);
  'replied'?: (boolean);
  'assured'?: (boolean);
  'offloaded'?: (boolean);
  'timeoutSeconds'?: (number);
  'mark'?: (number);
  'hardwareOffloaded'?: (boolean);
}
