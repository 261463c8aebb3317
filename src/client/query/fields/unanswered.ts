import { isUnanswered } from '../../problems/unanswered.ts';
import { yesNo } from '../yes-no.ts';

export const unanswered = yesNo(
  'unanswered',
  'whether it is a request (SYN, DNS, ping) that gets no reply',
  isUnanswered,
);
