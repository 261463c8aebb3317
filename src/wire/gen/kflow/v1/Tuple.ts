// Original file: proto/kflow/v1/flows.proto


export interface Tuple {
  'sourceAddress'?: (string);
  'destinationAddress'?: (string);
  'sourcePort'?: (number);
  'destinationPort'?: (number);
  'icmpType'?: (number);
  'icmpCode'?: (number);
  'icmpId'?: (number);
  '_sourcePort'?: "sourcePort";
  '_destinationPort'?: "destinationPort";
  '_icmpType'?: "icmpType";
  '_icmpCode'?: "icmpCode";
  '_icmpId'?: "icmpId";
}

export interface Tuple__Output {
  'sourceAddress'?: (string);
  'destinationAddress'?: (string);
  'sourcePort'?: (number);
  'destinationPort'?: (number);
  'icmpType'?: (number);
  'icmpCode'?: (number);
  'icmpId'?: (number);
}
