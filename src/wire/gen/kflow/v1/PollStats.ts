// Original file: proto/kflow/v1/flows.proto

import type { Long } from '@grpc/proto-loader';

export interface PollStats {
  'entries'?: (number | string | Long);
  'unparsedLines'?: (number | string | Long);
  'durationSeconds'?: (number | string);
  'intervalSeconds'?: (number | string);
  'skipped'?: (boolean);
  'error'?: (string);
  'unparsedSample'?: (string);
}

export interface PollStats__Output {
  'entries'?: (number);
  'unparsedLines'?: (number);
  'durationSeconds'?: (number);
  'intervalSeconds'?: (number);
  'skipped'?: (boolean);
  'error'?: (string);
  'unparsedSample'?: (string);
}
