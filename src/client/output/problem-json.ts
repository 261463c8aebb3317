import { formatNextStep } from '../problems/next-step.ts';
import { type Problem, SEVERITY_NAMES } from '../problems/problem.ts';

/** One problem in JSON. Its fields are part of kflow's contract. */
export function toProblemJson(problem: Problem) {
  return {
    severity: SEVERITY_NAMES[problem.severity],
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
