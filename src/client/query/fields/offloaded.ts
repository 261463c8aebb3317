import { yesNo } from '../yes-no.ts';

export const offloaded = yesNo(
  'offloaded',
  'whether a flow table forwards it past the state machine',
  (connection) => connection.offloaded,
);
