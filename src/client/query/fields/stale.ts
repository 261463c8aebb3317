import { yesNo } from '../yes-no.ts';

export const stale = yesNo(
  'stale',
  'whether only agents that are stale or lost know of it',
  (connection) => connection.stale,
);
