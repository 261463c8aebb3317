import { type ShellCommand, shellCommand } from '../format/shell-command.ts';

/** Advice, with a command if there is one. */
export interface NextStep {
  readonly text: string;
  /** The caller has checked arguments that come from outside. */
  readonly command?: ShellCommand;
}

export function nextStep(text: string, command?: readonly string[]): NextStep {
  return command === undefined ? { text } : { text, command: shellCommand(command) };
}

/** Adapts a command for the shell in which this program was started. */
export type AdaptCommand = (command: readonly string[]) => readonly string[];

export function adaptNextStep(step: NextStep, adapt: AdaptCommand): NextStep {
  return step.command === undefined ? step : nextStep(step.text, adapt(step.command.command));
}

/** "look at its pod: kubectl -n kflow describe pod kflow-daemon-x" */
export function formatNextStep({ text, command }: NextStep): string {
  return command === undefined ? text : `${text}: ${command.text}`;
}

/** The command that lists a Service's endpoints. */
export function getEndpoints(namespace: string, service: string): string[] {
  return ['kubectl', '-n', namespace, 'get', 'endpointslices', '-l', `kubernetes.io/service-name=${service}`];
}
