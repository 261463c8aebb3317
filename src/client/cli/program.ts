import { Argument, Command, type OptionValues } from 'commander';
import { version } from '../../version.ts';
import { cleanSentence } from '../format/sanitize.ts';
import { SHELLS, type Shell } from './completion/shells.ts';
import { addFlowsOptions, type FlowsFlags } from './options/flows-options.ts';
import { addGraphOptions, type GraphFlags } from './options/graph-options.ts';
import { addInstallOptions, addUninstallOptions, installOptions, uninstallOptions } from './options/install-options.ts';
import { addRecordOptions, addReplayOptions, parseReplayOptions } from './options/record-options.ts';
import {
  addOutputOption,
  addRecordingOptions,
  addResolveOption,
  addSourceOptions,
  addStatusOption,
  addTrafficOptions,
  namespaceOption,
  parseSessionOptions,
} from './options/source-options.ts';
import type { CommandIo } from './shared/command-io.ts';

/** Receives a command's exit status. */
export interface CommandResult {
  status: number;
}

/** commander's message on one line, because it quotes the argument as it was given; its suggestion is on the next. */
function singleError(text: string): string {
  const [, said = '', guess = ''] = /^(.*?)((?:\n\(Did you mean [^\n]*\))?)\n*$/s.exec(text) ?? [];
  return `${cleanSentence(said)}${guess}\n`;
}

/**
 * The command line for commander: options and help. A command's code is imported when it is called, so that
 * help and version need none of it.
 */
export function createProgram(name: string, io: CommandIo, outcome: CommandResult): Command {
  const root = new Command(name)
    .description('top for Kubernetes networking: who talks to whom, how much, and what fails')
    .version(version(), '-V, --version', 'print the version')
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: termOf })
    .exitOverride()
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      outputError: (text, write) => write(singleError(text)),
    })
    .addHelpText('after', examples(name))
    .hook('preAction', () => io.beforeCommand?.());
  addStatusOption(addResolveOption(addRecordingOptions(addTrafficOptions(root))));
  /** Runs it with the options of the root, then those of the command, and keeps the exit status. */
  const does = (act: (options: OptionValues, args: string[]) => Promise<number>) =>
    async function (this: Command): Promise<void> {
      outcome.status = await act({ ...root.opts(), ...this.opts() }, this.args);
    };

  const console = root.command('console', { isDefault: true }).description('the full-screen console (default)');
  addStatusOption(addResolveOption(addRecordingOptions(addTrafficOptions(console))))
    .allowExcessArguments()
    .action(
      does(async (options, [stray]) => {
        if (stray !== undefined) root.error(`error: unknown command '${stray}' (see ${name} --help)`);
        const { showConsole } = await import('./commands/console.ts');
        return showConsole(parseSessionOptions(options), io, options);
      }),
    );

  const flows = root.command('flows').description('list connections, or follow changes with -f');
  addFlowsOptions(flows, name).action(
    does(async (_, terms) => {
      const { buildFlowsQuery } = await import('./commands/flows-query.ts');
      const query = buildFlowsQuery(root.opts(), flows.opts<FlowsFlags>(), terms);
      const { flows: print } = await import('./commands/flows.ts');
      return print(query, io);
    }),
  );

  const graph = root.command('graph').description('print the traffic graph in Graphviz DOT format');
  addGraphOptions(graph, name).action(
    does(async (_, terms) => {
      const { graph: print } = await import('./commands/graph.ts');
      return print(root.opts(), graph.opts<GraphFlags>(), terms, io);
    }),
  );

  const agents = root.command('agents').description('list the agents and their status');
  // `agents` shows no traffic, so `-n` gets an explanation.
  addRecordingOptions(addSourceOptions(addOutputOption(agents, ['table', 'wide', 'json'])))
    .addOption(namespaceOption('of traffic').hideHelp())
    .action(
      does(async (options) => {
        const { agents: print } = await import('./commands/agents.ts');
        return print({ source: parseSessionOptions(options), output: options.output }, io);
      }),
    );

  const doctor = root
    .command('doctor')
    .description('check cluster access, agents and kernel settings, and suggest fixes');
  addSourceOptions(
    addOutputOption(doctor, ['table', 'json']).addOption(namespaceOption('where the agents are (default: kflow)')),
  ).action(
    does(async (options) => {
      const { doctor: run } = await import('./commands/doctor.ts');
      return run({ source: parseSessionOptions(options), output: options.output }, io);
    }),
  );

  const install = root.command('install').description('install or upgrade the agents on all nodes');
  addInstallOptions(install, name).action(
    does(async (options) => {
      const { install: run } = await import('./commands/install.ts');
      return run(installOptions(options), io);
    }),
  );

  const uninstall = root.command('uninstall').description('remove the objects that `install` created');
  addUninstallOptions(uninstall, name).action(
    does(async (options) => {
      const { uninstall: run } = await import('./commands/uninstall.ts');
      return run(uninstallOptions(options), io);
    }),
  );

  const record = root.command('record').description('record a session to a file');
  addRecordOptions(record, name).action(
    does(async ({ duration, force, filter, ...options }, [file = '']) => {
      const { record: run } = await import('./commands/record.ts');
      return run(
        { file, force: force === true, durationMs: duration, filter, source: parseSessionOptions(options) },
        io,
      );
    }),
  );

  const replay = root.command('replay').description('play back a recording in the console');
  addReplayOptions(replay, name).action(
    does(async (options, [file = '']) => {
      const { showConsole } = await import('./commands/console.ts');
      return showConsole(parseReplayOptions(file, options), io, options);
    }),
  );

  root
    .command('completion')
    .description('print a shell completion script')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText('after', completionHelp(name))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion/completion.ts');
      io.stdout(completionScript(shell, root));
    });

  root
    .command('version')
    .description('print the version')
    .action(() => io.stdout(`${version()}\n`));
  return root;
}

/** A command without "[options]", because all have some. */
function termOf(command: Command): string {
  const wanted = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? '...' : '');
    return argument.required ? ` <${name}>` : ` [${name}]`;
  });
  return command.name() + wanted.join('');
}

function completionHelp(name: string): string {
  return `
  bash   source <(${name} completion bash)     in ~/.bashrc
  zsh    source <(${name} completion zsh)      in ~/.zshrc, after compinit
  fish   ${name} completion fish | source      in ~/.config/fish/config.fish`;
}

function examples(name: string): string {
  return `
Examples:
  ${name}                                    the console, over all nodes of the cluster
  sudo ${name} --local                       the console, over this machine's own connections
  ${name} flows --to-service shop/web        who talks to a service
  ${name} flows -o json unanswered:yes       requests that get no reply, for scripts
  ${name} flows -f --port 53                 follow DNS
  ${name} record incident.kflow              keep what is seen; ${name} replay shows it again
  ${name} install                            put an agent on every node
  ${name} doctor                             why is nothing shown?`;
}
