import { formatNextStep } from '../problems/next-step.ts';
import type { Problem } from '../problems/problem.ts';

const SEVERITIES = { 1: 'info', 2: 'warning', 3: 'critical' } as const;

/** One problem as scripts get it; the fields are part of kflow's contract. */
export function toProblemJson(problem: Problem) {
  return {
    severity: SEVERITIES[problem.severity],
    title: problem.title,
    subject: problem.subject,
    count: problem.count,
    // What is counted.
    unit: problem.unit,
    explanation: problem.explanation,
    next: formatNextStep(problem.nextStep),
    ...(problem.nextStep.command === undefined ? {} : { command: problem.nextStep.command.command }),
  };
}
