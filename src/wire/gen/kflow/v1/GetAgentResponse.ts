// Original file: proto/kflow/v1/flows.proto

import type { Source as _kflow_v1_Source, Source__Output as _kflow_v1_Source__Output } from '../../kflow/v1/Source.ts';
import type { Candidate as _kflow_v1_Candidate, Candidate__Output as _kflow_v1_Candidate__Output } from '../../kflow/v1/Candidate.ts';
import type { Setting as _kflow_v1_Setting, Setting__Output as _kflow_v1_Setting__Output } from '../../kflow/v1/Setting.ts';
import type { KernelCounters as _kflow_v1_KernelCounters, KernelCounters__Output as _kflow_v1_KernelCounters__Output } from '../../kflow/v1/KernelCounters.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

export interface GetAgentResponse {
  'nodeName'?: (string);
  'version'?: (string);
  'source'?: (_kflow_v1_Source);
  'path'?: (string);
  'candidates'?: (_kflow_v1_Candidate)[];
  'accounting'?: (_kflow_v1_Setting);
  'timestamping'?: (_kflow_v1_Setting);
  'entries'?: (number | string | Long);
  'maxEntries'?: (number | string | Long);
  'counters'?: (_kflow_v1_KernelCounters | null);
  'startedAt'?: (_google_protobuf_Timestamp | null);
  'subscribers'?: (number);
  'unavailableReason'?: (string);
  'unparsedSample'?: (string);
  'sourceReason'?: (string);
  '_entries'?: "entries";
  '_maxEntries'?: "maxEntries";
}

export interface GetAgentResponse__Output {
  'nodeName'?: (string);
  'version'?: (string);
  'source'?: (_kflow_v1_Source__Output);
  'path'?: (string);
  'candidates': (_kflow_v1_Candidate__Output)[];
  'accounting'?: (_kflow_v1_Setting__Output);
  'timestamping'?: (_kflow_v1_Setting__Output);
  'entries'?: (number);
  'maxEntries'?: (number);
  'counters'?: (_kflow_v1_KernelCounters__Output);
  'startedAt'?: (_google_protobuf_Timestamp__Output);
  'subscribers'?: (number);
  'unavailableReason'?: (string);
  'unparsedSample'?: (string);
  'sourceReason'?: (string);
}
