// Original file: proto/kflow/v1/flows.proto

export const Source = {
  SOURCE_UNSPECIFIED: 0,
  SOURCE_PROCFS: 1,
  SOURCE_NETLINK: 2,
} as const;

export type Source =
  | 'SOURCE_UNSPECIFIED'
  | 0
  | 'SOURCE_PROCFS'
  | 1
  | 'SOURCE_NETLINK'
  | 2

export type Source__Output = typeof Source[keyof typeof Source]
