import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  addOutputOption,
  addRecordingOptions,
  addResolveOption,
  addTrafficOptions,
  listOption,
} from './source-options.ts';

const FORMATS = ['table', 'wide', 'json', 'csv'] as const;
export type FlowsFormat = (typeof FORMATS)[number];

/** Those of `FILTER_FLAGS`, by their attribute names, and `--filter`. */
export interface FilterFlags {
  readonly filter?: readonly string[];
  readonly [filter: string]: unknown;
}

/** What `kflow flows` was called with, as commander gives it. */
export interface FlowsFlags extends FilterFlags {
  readonly output: FlowsFormat;
  readonly follow?: true;
  readonly once?: true;
  readonly sort?: string;
  readonly limit?: number;
}

/** An option that stands for a term of the filter language. */
interface FilterFlag {
  /** Without the dashes: "from-pod". */
  readonly flag: string;
  /** As the language has it: "from.pod". */
  readonly field: string;
}

/** Field, its value in the help, and the sides that it applies to. */
const FILTERS = [
  ['pod', '[ns/]name', ['from', 'to']],
  ['namespace', 'name', ['from', 'to']],
  ['node', 'name', ['from', 'to']],
  ['service', '[ns/]name', ['to']],
  ['ip', 'address', ['from', 'to']],
  ['port', 'port', ['from', 'to']],
  ['protocol', 'name', []],
  ['state', 'name', []],
] as const;

export const FILTER_FLAGS: readonly FilterFlag[] = FILTERS.flatMap(([field, , sides]) => [
  { flag: field, field },
  ...sides.map((side) => ({ flag: `${side}-${field}`, field: `${side}.${field}` })),
]);

const GROUP = 'Filters (a comma means "or"):';

export function addFlowsOptions(command: Command, name: string): Command {
  addOutputOption(command, FORMATS)
    .option('-f, --follow', 'print connections as they are added (+), changed (~) and removed (-)')
    .option('--once', 'print after the first poll; rates are then unknown')
    .option('--sort <column>', 'sort by COLUMN; -COLUMN reverses the order (default: rate)')
    .addOption(new Option('--limit <n>', 'print the first n only').argParser(countOption));
  addFilterOptions(command);
  return addResolveOption(addRecordingOptions(addTrafficOptions(command))).addHelpText('after', help(name));
}

/** Adds an option for each filter, and the filter expression. */
export function addFilterOptions(command: Command): void {
  command.argument('[filter...]', 'filter expression, same syntax as `/` in the console');
  for (const [field, value, sides] of FILTERS) {
    // -n, --namespace is an option of every command that shows traffic.
    if (field !== 'namespace')
      command.addOption(new Option(`--${field} <${value}>`, HELP[field]).argParser(listOption).helpGroup(GROUP));
    for (const side of sides)
      command.addOption(
        new Option(`--${side}-${field} <${value}>`, sideHelp(field, side)).argParser(listOption).helpGroup(GROUP),
      );
  }
  // Users will try this, but a Service is never a source.
  command.addOption(new Option('--from-service <[ns/]name>').hideHelp().argParser(noFromService));
  command.addOption(
    new Option('--filter <words>', 'the same as words without an option').argParser(listOption).helpGroup(GROUP),
  );
}

/** "the source's pod" */
function sideHelp(field: (typeof FILTERS)[number][0], side: 'from' | 'to'): string {
  if (field === 'service') return HELP.service;
  return `the ${side === 'from' ? 'source' : 'destination'}’s ${field === 'ip' ? 'address' : field}`;
}

const HELP: Record<(typeof FILTERS)[number][0], string> = {
  pod: 'a pod’s name, or how it begins',
  namespace: 'namespace',
  node: 'the node that it begins, ends or was seen on',
  service: 'the requested service',
  ip: 'an address, or a block as 10.0.0.0/8',
  port: 'a port, a range as 8000-8100, or a name',
  protocol: 'tcp, udp, icmp, icmpv6, sctp, gre …',
  state: 'established, syn_sent, unreplied …',
};

function help(name: string): string {
  return `
\`*\` matches any text. A connection must match all options and terms:
  ${name} flows --namespace shop --to-port 443,8443
  ${name} flows 'ns:shop !state:established rate:>1M'

-n is the namespace of the traffic; --agent-namespace is where the agents are.
In JSON and CSV, unknown is left out, never 0. Exit status: 0 success, 1 error, 2 usage error, 130 interrupted.`;
}

function noFromService(): never {
  throw new InvalidArgumentError(
    'A Service is only a destination (--to-service). For traffic from its pods: --from-pod NAME, or from.workload:NAME.',
  );
}

function countOption(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a number from 1 on.');
  return Number(text);
}
