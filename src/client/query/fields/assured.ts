import { yesNo } from '../yes-no.ts';

export const assured = yesNo(
  'assured',
  'whether the kernel keeps it when its table is full',
  (connection) => connection.assured,
);
