// Original file: proto/kflow/v1/flows.proto

import type { Long } from '@grpc/proto-loader';

export interface FlowCounters {
  'packets'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  '_packets'?: "packets";
  '_bytes'?: "bytes";
}

export interface FlowCounters__Output {
  'packets'?: (number);
  'bytes'?: (number);
}
