// Original file: proto/kflow/v1/flows.proto

import type { Long } from '@grpc/proto-loader';

export interface KernelCounters {
  'insertFailed'?: (number | string | Long);
  'drop'?: (number | string | Long);
  'earlyDrop'?: (number | string | Long);
  'searchRestart'?: (number | string | Long);
  'invalid'?: (number | string | Long);
  'error'?: (number | string | Long);
  'found'?: (number | string | Long);
  'clashResolve'?: (number | string | Long);
  'chainTooLong'?: (number | string | Long);
  '_insertFailed'?: "insertFailed";
  '_drop'?: "drop";
  '_earlyDrop'?: "earlyDrop";
  '_searchRestart'?: "searchRestart";
  '_invalid'?: "invalid";
  '_error'?: "error";
  '_found'?: "found";
  '_clashResolve'?: "clashResolve";
  '_chainTooLong'?: "chainTooLong";
}

export interface KernelCounters__Output {
  'insertFailed'?: (number);
  'drop'?: (number);
  'earlyDrop'?: (number);
  'searchRestart'?: (number);
  'invalid'?: (number);
  'error'?: (number);
  'found'?: (number);
  'clashResolve'?: (number);
  'chainTooLong'?: (number);
}
