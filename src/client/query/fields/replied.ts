import { yesNo } from '../yes-no.ts';

export const replied = yesNo('replied', 'whether an answer was seen', (connection) => connection.replied);
