// Original file: proto/kflow/v1/flows.proto

import type { FlowCounters as _kflow_v1_FlowCounters, FlowCounters__Output as _kflow_v1_FlowCounters__Output } from '../../kflow/v1/FlowCounters.ts';

export interface FlowStats {
  'original'?: (_kflow_v1_FlowCounters | null);
  'reply'?: (_kflow_v1_FlowCounters | null);
  'originalBytesPerSecond'?: (number | string);
  'replyBytesPerSecond'?: (number | string);
  '_originalBytesPerSecond'?: "originalBytesPerSecond";
  '_replyBytesPerSecond'?: "replyBytesPerSecond";
}

export interface FlowStats__Output {
  'original'?: (_kflow_v1_FlowCounters__Output);
  'reply'?: (_kflow_v1_FlowCounters__Output);
  'originalBytesPerSecond'?: (number);
  'replyBytesPerSecond'?: (number);
}
