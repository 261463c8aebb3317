import { someOf } from '../../format/connection.ts';
import { isEcho } from '../../model/connection.ts';
import { nextStep } from '../next-step.ts';
import type { ProblemKind } from '../problem.ts';
import { unansweredGroups } from '../unanswered-groups.ts';

/** Pings that get no reply, by destination. Many networks drop them on purpose: worth a note, no alarm. */
export const echoUnanswered: ProblemKind = {
  name: 'echo-unanswered',
  begin: () => (moment) =>
    unansweredGroups(moment, isEcho).map(({ target, connections, sources }) => ({
      key: `echo-unanswered ${target}`,
      severity: 1,
      what: 'ping unanswered',
      where: target,
      count: connections.size,
      counted: 'pings without a reply',
      meaning: `${someOf(sources)} pings and gets no reply: the host is down, or something on the way drops ICMP`,
      next: nextStep('try a TCP port of it; look whether ICMP echo is let through both ways'),
      matches: ({ id }) => connections.has(id),
    })),
};
