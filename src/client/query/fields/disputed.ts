import { yesNo } from '../yes-no.ts';

export const disputed = yesNo(
  'disputed',
  'whether agents contradict each other about it',
  (connection) => connection.disputed !== undefined,
);
