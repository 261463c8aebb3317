import { allCommands, type CommandSpec, type OptionSpec, type Value } from './command-tree.ts';

export function fish(root: CommandSpec, programs: readonly string[]): string {
  const { name } = root;
  const commands = allCommands(root);
  const below = commands.flatMap(({ path, commands }) => commands.map((child) => quoted(`${path} ${child.name}`)));
  const valued = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => (value === undefined ? [] : flags.map((flag) => quoted(`${path} ${flag}`)))),
  );
  return `# fish completion for ${name}:  ${name} completion fish | source
function __${name}_command
    set -l command ${name}
    set -l skip
    for word in (commandline -opc)[2..]
        if set -q skip[1]
            set skip
            continue
        end
        switch "$command $word"
            case ${below.join(' ')}
                set command "$command $word"
            case ${valued.join(' ')}
                set skip 1
        end
    end
    echo $command
end
complete -c ${name} -f
${commands.flatMap((command) => lines(name, command)).join('\n')}
${programs
  .filter((program) => program !== name)
  .map((program) => `complete -c ${program} -w ${name}\n`)
  .join('')}`;
}

function lines(name: string, { path, commands, options, argument }: CommandSpec): string[] {
  const at = `complete -c ${name} -n ${quoted(`test (__${name}_command) = "${path}"`)}`;
  const argumentLine = argument === undefined || argument.kind === 'any' ? [] : [`${at} ${value(argument, '')}`];
  return [
    ...commands.map((child) => `${at} -a ${quoted(child.name)} -d ${quoted(child.help)}`),
    ...argumentLine,
    ...options.map(
      (option) =>
        `${at} ${flags(option)}${option.value === undefined ? '' : ` ${value(option.value, '-x ')}`} -d ${quoted(option.help)}`,
    ),
  ];
}

function flags({ flags }: OptionSpec): string {
  return flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
}

/** \`exclusive\`: "-x ", where a value must follow. */
function value(of: Value, exclusive: string): string {
  switch (of.kind) {
    case 'words':
      return `${exclusive}-a ${quoted(of.values.join(' '))}`;
    case 'printed':
      return `${exclusive}-a ${quoted(`(${of.by} 2>/dev/null)`)}`;
    case 'file':
      return exclusive === '' ? '-F' : '-r -F';
    case 'any':
      return exclusive.trimEnd();
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
