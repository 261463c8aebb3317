import { stepText } from '../problems/next-step.ts';
import type { Problem } from '../problems/problem.ts';

const SEVERITIES = { 1: 'info', 2: 'warning', 3: 'critical' } as const;

/** One problem as scripts get it; the fields are part of kflow's contract. */
export function problemJson(problem: Problem) {
  return {
    severity: SEVERITIES[problem.severity],
    title: problem.what,
    subject: problem.where,
    count: problem.count,
    // What is counted.
    unit: problem.counted,
    explanation: problem.meaning,
    next: stepText(problem.next),
    ...(problem.next.command === undefined ? {} : { command: problem.next.command.command }),
  };
}
