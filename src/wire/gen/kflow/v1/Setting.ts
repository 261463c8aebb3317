// Original file: proto/kflow/v1/flows.proto

export const Setting = {
  SETTING_UNSPECIFIED: 0,
  SETTING_ON: 1,
  SETTING_OFF: 2,
  SETTING_UNKNOWN: 3,
} as const;

export type Setting =
  | 'SETTING_UNSPECIFIED'
  | 0
  | 'SETTING_ON'
  | 1
  | 'SETTING_OFF'
  | 2
  | 'SETTING_UNKNOWN'
  | 3

export type Setting__Output = typeof Setting[keyof typeof Setting]
