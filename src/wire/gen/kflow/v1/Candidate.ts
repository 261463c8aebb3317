// Original file: proto/kflow/v1/flows.proto


export interface Candidate {
  'path'?: (string);
  'outcome'?: (string);
}

export interface Candidate__Output {
  'path'?: (string);
  'outcome'?: (string);
}
