// Original file: proto/kflow/v1/flows.proto

import type { FlowState as _kflow_v1_FlowState, FlowState__Output as _kflow_v1_FlowState__Output } from '../../kflow/v1/FlowState.ts';

export interface FlowFilter {
  'protocols'?: (string)[];
  'ports'?: (number)[];
  'cidrs'?: (string)[];
  'states'?: (_kflow_v1_FlowState)[];
  'minBytesPerSecond'?: (number | string);
}

export interface FlowFilter__Output {
  'protocols': (string)[];
  'ports': (number)[];
  'cidrs': (string)[];
  'states': (_kflow_v1_FlowState__Output)[];
  'minBytesPerSecond'?: (number);
}
