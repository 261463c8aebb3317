import { yesNo } from '../yes-no.ts';

export const incomplete = yesNo(
  'incomplete',
  'whether what another node saw of it is missing',
  (connection) => connection.incomplete !== undefined,
);
