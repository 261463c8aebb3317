// Original file: proto/kflow/v1/flows.proto

import type { FlowFilter as _kflow_v1_FlowFilter, FlowFilter__Output as _kflow_v1_FlowFilter__Output } from '../../kflow/v1/FlowFilter.ts';

export interface WatchFlowsRequest {
  'filter'?: (_kflow_v1_FlowFilter | null);
  'snapshotOnly'?: (boolean);
  'maxFlows'?: (number);
  'minIntervalMs'?: (number);
}

export interface WatchFlowsRequest__Output {
  'filter'?: (_kflow_v1_FlowFilter__Output);
  'snapshotOnly'?: (boolean);
  'maxFlows'?: (number);
  'minIntervalMs'?: (number);
}
