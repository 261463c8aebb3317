import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ParsedAgentAddresses, parseAgentAddresses } from '../../agents/agent-addresses.ts';
import type { AgentTarget } from '../../agents/discovery.ts';
import { parseDuration } from '../../format/duration.ts';
import type { KubeOptions } from '../../kubernetes/config.ts';
import { kubeOptions, type SessionOptions } from '../../session/session.ts';
import { usageError } from '../../session/user-error.ts';

const KUBECTL = 'As in kubectl:';
const SOURCE = 'Where the data comes from (default: the cluster):';

export function addKubeOptions(command: Command): Command {
  return command
    .addOption(new Option('--kubeconfig <file>', 'the kubeconfig to use').helpGroup(KUBECTL))
    .addOption(new Option('--context <name>', 'the context to use').helpGroup(KUBECTL))
    .addOption(
      new Option('--request-timeout <time>', 'how long to wait: 30s; 0: no limit (default: 10s)')
        .argParser(durationOption)
        .helpGroup(KUBECTL),
    );
}

export function addOutputOption(command: Command, formats: readonly string[]): Command {
  return command.addOption(new Option('-o, --output <format>', 'output format').choices(formats).default(formats[0]));
}

/** For commands that show traffic. */
export function addTrafficOptions(command: Command): Command {
  return addSourceOptions(
    command.addOption(namespaceOption('only traffic from or to this namespace').helpGroup(KUBECTL)),
  ).addOption(new Option('-A, --all-namespaces', 'all traffic (default)').helpGroup(KUBECTL));
}

export function namespaceOption(help: string): Option {
  return new Option('-n, --namespace <name>', help).argParser(listOption);
}

/** An option that may be given several times. */
export function listOption(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

export function addSourceOptions(command: Command): Command {
  command
    .addOption(new Option('--local', "this machine's own connections").helpGroup(SOURCE))
    .addOption(
      new Option('--endpoints <list>', 'agents reached directly: host:port,unix:/path')
        .argParser(endpointsOption)
        .helpGroup(SOURCE),
    );
  return addKubeOptions(command)
    .addOption(
      new Option('--agent-namespace <name>', 'where the agents are (default: kflow); may be given several times')
        .argParser(listOption)
        .helpGroup(SOURCE),
    )
    .addOption(new Option('--agent-selector <labels>', 'only agents with these labels').helpGroup(SOURCE));
}

/** For commands that show a recording or live data. */
export function addRecordingOptions(command: Command): Command {
  return command
    .addOption(new Option('--recording <file>', 'a recording, as `kflow record` makes it').helpGroup(SOURCE))
    .addOption(atOption('how long after its start (default: at its end)').helpGroup(SOURCE));
}

/** For commands that show names. */
export function addResolveOption(command: Command): Command {
  return command.addOption(
    new Option('--resolve', 'name outside addresses by reverse DNS (sends them to the DNS resolver)').helpGroup(SOURCE),
  );
}

/** For commands that show the console. */
export function addStatusOption(command: Command): Command {
  return command.option(
    '--debug-status <file>',
    'of the console: append a line of JSON a second on how fresh the screen is, for programs that measure',
  );
}

export function atOption(help: string): Option {
  return new Option('--at <time>', help).argParser(momentOption);
}

/** Rejects options that would have no effect. */
export function validateSessionOptions(options: SessionOptions): void {
  const { local, endpoints, recording, at, kubeconfig, context, agentNamespace, agentSelector, resolve } = options;
  const [direct, another] = Object.entries({ local, endpoints, recording }).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`],
  );
  if (another !== undefined)
    throw usageError(`${direct} and ${another} cannot be combined: the data comes from one place`);
  if (at !== undefined && recording === undefined) throw usageError('--at requires --recording');
  if (resolve !== undefined && recording !== undefined)
    throw usageError('--recording and --resolve cannot be combined: a recording has the names of its time');
  const kube = { kubeconfig, context, agentNamespace, agentSelector };
  const stray = Object.entries(kube).find(([, value]) => value !== undefined)?.[0];
  if (direct !== undefined && stray !== undefined) {
    const flag = stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usageError(`${direct} and --${flag} cannot be combined: ${direct} does not ask the cluster`);
  }
}

export function durationOption(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidArgumentError('Expected a time such as 500ms, 30s or 1m30s; 0: no limit.');
  return parsed;
}

function momentOption(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidArgumentError('Expected a time from the start such as 90, 30s or 1m30s.');
  return parsed;
}

function endpointsOption(text: string): readonly AgentTarget[] {
  const parsed: ParsedAgentAddresses = parseAgentAddresses(text);
  if (!parsed.ok) throw new InvalidArgumentError(parsed.reason);
  return parsed.targets;
}

const SOURCE_KEYS = [
  'local',
  'endpoints',
  'recording',
  'at',
  'kubeconfig',
  'context',
  'namespace',
  'allNamespaces',
  'agentNamespace',
  'agentSelector',
  'resolve',
  'requestTimeout',
] as const satisfies readonly (keyof SessionOptions)[];

/** The source options among all those of a command. Throws a usage error when they contradict each other. */
export function parseSessionOptions(options: Readonly<Record<string, unknown>>): SessionOptions {
  const source = Object.fromEntries(
    SOURCE_KEYS.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
  );
  // On the root command it may be repeated, even before a command that takes one namespace.
  if (source.namespace !== undefined) source.namespace = [source.namespace].flat();
  validateSessionOptions(source);
  return source;
}

/** For commands that change a cluster: rejects the options that choose which data to show. */
export function parseKubeOptions(options: Readonly<Record<string, unknown>>, command: string): KubeOptions {
  const source = parseSessionOptions(options);
  for (const [key, flag] of [
    ['local', '--local'],
    ['endpoints', '--endpoints'],
    ['recording', '--recording'],
    ['allNamespaces', '--all-namespaces'],
    ['agentNamespace', '--agent-namespace'],
    ['agentSelector', '--agent-selector'],
  ] as const)
    if (source[key] !== undefined)
      throw usageError(`${flag} is not supported by ${command}, which works on one namespace of a cluster`);
  const [namespace] = source.namespace ?? [];
  return { ...kubeOptions(source), ...(namespace === undefined ? {} : { namespace }) };
}
