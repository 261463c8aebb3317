// Original file: proto/kflow/v1/flows.proto

import type { Long } from '@grpc/proto-loader';

export interface OtherFlows {
  'flows'?: (number | string | Long);
  'bytesPerSecond'?: (number | string);
  '_bytesPerSecond'?: "bytesPerSecond";
}

export interface OtherFlows__Output {
  'flows'?: (number);
  'bytesPerSecond'?: (number);
}
