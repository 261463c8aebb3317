/**
 * Connection states, as the kernel prints them. The index of a name is its number in the table's column and in the `FlowState` of
 * the contract. 0: the protocol has no state, or the kernel did not print one.
 */
export const STATE_NAMES = [
  '',
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
  'CLOSED',
  'COOKIE_WAIT',
  'COOKIE_ECHOED',
  'SHUTDOWN_SENT',
  'SHUTDOWN_RECD',
  'SHUTDOWN_ACK_SENT',
  'HEARTBEAT_SENT',
  'HEARTBEAT_ACKED',
  'REQUEST',
  'RESPOND',
  'PARTOPEN',
  'OPEN',
  'CLOSEREQ',
  'CLOSING',
  'TIMEWAIT',
  'IGNORE',
  'INVALID',
] as const;

export type StateName = (typeof STATE_NAMES)[number];

export const NO_STATE = 0;

const NUMBERS = new Map<string, number>(STATE_NAMES.map((name, number) => [name, number]));

/** Returns the number of a state's name, or undefined for a name that no kernel prints. */
export function stateNumber(name: string): number | undefined {
  return name === '' ? undefined : NUMBERS.get(name);
}

export function stateName(number: number): StateName {
  return STATE_NAMES[number] ?? '';
}
