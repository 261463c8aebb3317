import { type ShellCommand, shellCommand } from '../format/shell-command.ts';

/** What to do next. */
export interface NextStep {
  readonly text: string;
  /** Where it is a command to type. Whatever came from outside is checked by the caller. */
  readonly command?: ShellCommand;
}

export function nextStep(text: string, command?: readonly string[]): NextStep {
  return command === undefined ? { text } : { text, command: shellCommand(command) };
}

/** What a command of a next step becomes where this program was started. */
export type AdaptCommand = (command: readonly string[]) => readonly string[];

export function adaptNextStep(step: NextStep, adapt: AdaptCommand): NextStep {
  return step.command === undefined ? step : nextStep(step.text, adapt(step.command.command));
}

/** "look at its pod: kubectl -n kflow describe pod kflow-daemon-x" */
export function formatNextStep({ text, command }: NextStep): string {
  return command === undefined ? text : `${text}: ${command.text}`;
}

/** Lists a service's endpoints. Its names are those of Kubernetes. */
export function getEndpoints(namespace: string, service: string): string[] {
  return ['kubectl', '-n', namespace, 'get', 'endpointslices', '-l', `kubernetes.io/service-name=${service}`];
}
