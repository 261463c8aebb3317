import type { Argument, Command, Option } from 'commander';
import { STATE_NAMES } from '../../../flow/state.ts';
import { CONNECTION_COLUMNS } from '../../columns/connection-columns.ts';

/** Suggestions for a value. */
export type Value =
  | { readonly kind: 'words'; readonly values: readonly string[] }
  | { readonly kind: 'file' }
  /** A shell command that prints one value per line. It runs when Tab is pressed, so it must be fast. */
  | { readonly kind: 'printed'; readonly by: string }
  | { readonly kind: 'any' };

export interface OptionSpec {
  /** "-o", "--output". */
  readonly flags: readonly string[];
  readonly help: string;
  /** Absent: it takes none. */
  readonly value?: Value;
}

export interface CommandSpec {
  /** "kflow flows": as it is typed. */
  readonly path: string;
  readonly name: string;
  readonly help: string;
  readonly options: readonly OptionSpec[];
  readonly commands: readonly CommandSpec[];
  /** Of its first argument; absent: it takes none. */
  readonly argument?: Value;
}

const CONTEXTS = 'kubectl config get-contexts -o name';
const NAMESPACES =
  'kubectl get namespaces --request-timeout=2s -o "jsonpath={range .items[*]}{.metadata.name}{\\"\\\\n\\"}{end}"';

/** Suggested values by an option's long name; other values are also accepted. */
const SUGGESTED: Readonly<Record<string, Value>> = {
  '--context': { kind: 'printed', by: CONTEXTS },
  '--namespace': { kind: 'printed', by: NAMESPACES },
  '--agent-namespace': { kind: 'printed', by: NAMESPACES },
  '--state': { kind: 'words', values: [...STATE_NAMES.slice(1).map((name) => name.toLowerCase()), 'unreplied'] },
  '--protocol': { kind: 'words', values: ['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'gre', 'dccp', 'udplite'] },
  '--sort': { kind: 'words', values: CONNECTION_COLUMNS.map(({ id }) => id) },
  '--conntrack': { kind: 'words', values: ['auto', '/proc/net/nf_conntrack'] },
};

/** The commands and options, read from the program itself, so that no second list is needed. */
export function commandTree(command: Command, path = command.name(), siblings: readonly Command[] = []): CommandSpec {
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  const commands = help
    .visibleCommands(command)
    .map((child) => commandTree(child, `${path} ${child.name()}`, command.commands));
  return {
    path,
    name: command.name(),
    help: command.description(),
    options: help.visibleOptions(command).map(completedOption),
    commands,
    ...(argument === undefined ? {} : { argument: argumentValue(argument, siblings) }),
  };
}

/** All commands of a tree, the first before those below it. */
export function allCommands(command: CommandSpec): readonly CommandSpec[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function completedOption(option: Option): OptionSpec {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const takes = option.required || option.optional;
  return { flags, help: option.description, ...(takes ? { value: optionValue(option) } : {}) };
}

function optionValue({ long, short, flags, argChoices }: Option): Value {
  if (argChoices !== undefined) return { kind: 'words', values: argChoices };
  return SUGGESTED[long ?? ''] ?? (short === '-n' ? SUGGESTED['--namespace'] : undefined) ?? placeholder(flags);
}

function argumentValue(argument: Argument, siblings: readonly Command[]): Value {
  // Of `help`.
  if (argument.name() === 'command') return { kind: 'words', values: siblings.map((one) => one.name()) };
  if (argument.argChoices !== undefined) return { kind: 'words', values: argument.argChoices };
  return placeholder(`<${argument.name()}>`);
}

function placeholder(flags: string): Value {
  return /[<[](file|path)[>\]]/.test(flags) ? { kind: 'file' } : { kind: 'any' };
}
