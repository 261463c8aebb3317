import { type Command, Option } from 'commander';
import { addFilterOptions, type FilterFlags } from './flows-options.ts';
import { addOutputOption, addRecordingOptions, addResolveOption, addTrafficOptions } from './source-options.ts';

const GROUPINGS = ['node', 'namespace', 'workload'] as const;

/** What `kflow graph` was called with, as commander gives it. */
export interface GraphFlags extends FilterFlags {
  readonly by: (typeof GROUPINGS)[number];
}

export function addGraphOptions(command: Command, name: string): Command {
  addOutputOption(command, ['dot']);
  command.addOption(new Option('--by <what>', 'what a box is').choices(GROUPINGS).default('node'));
  addFilterOptions(command);
  return addResolveOption(addRecordingOptions(addTrafficOptions(command))).addHelpText('after', help(name));
}

function help(name: string): string {
  return `
For Graphviz. An edge goes from client to server; beside its looks it has the attributes connections, unanswered,
and in bytes per second sent and received, as boxes have:
  ${name} graph | dot -Tsvg >nodes.svg
  ${name} graph --by workload --namespace shop | fdp -Tpng >shop.png`;
}
