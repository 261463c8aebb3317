import { formatSome } from '../../format/connection.ts';
import { isEcho } from '../../model/connection.ts';
import { nextStep } from '../next-step.ts';
import type { ProblemDetector } from '../problem.ts';
import { unansweredGroups } from '../unanswered-groups.ts';

/** Pings that get no reply, by destination. Many networks drop them on purpose, so this is only informational. */
export const echoUnanswered: ProblemDetector = {
  name: 'echo-unanswered',
  create: () => (moment) =>
    unansweredGroups(moment, isEcho).map(({ target, connections, sources }) => ({
      key: `echo-unanswered ${target}`,
      severity: 1,
      title: 'ping unanswered',
      subject: target,
      count: connections.size,
      unit: 'pings without a reply',
      explanation: `${formatSome(sources)} pings and gets no reply: the host is down, or something on the way drops ICMP`,
      nextStep: nextStep('try a TCP port of it; look whether ICMP echo is allowed in both directions'),
      matches: ({ id }) => connections.has(id),
    })),
};
