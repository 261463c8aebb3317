import { allCommands, type CommandSpec, type OptionSpec, type Value } from './command-tree.ts';

export function zsh(root: CommandSpec, programs: readonly string[]): string {
  const { name } = root;
  return `#compdef ${programs.join(' ')}
# zsh completion for ${name}:  source <(${name} completion zsh), or a file _${name} on $fpath
${allCommands(root).map(completer).join('')}
if [ "$funcstack[1]" = _${name} ]; then
  _${name} "$@"
else
  compdef _${name} ${programs.join(' ')}
fi
`;
}

/** "_kflow_flows": completes what follows a command. */
function completer(command: CommandSpec): string {
  const { commands, options, argument, path } = command;
  const specs = options.flatMap(optionSpecs);
  if (commands.length === 0) {
    if (argument !== undefined) specs.push(quoted(`*:value:${action(argument)}`));
    return `${functionName(path)}() {
  _arguments -s -S \\
    ${specs.join(' \\\n    ')}
}
`;
  }
  const children = commands.map(({ name, help }) => quoted(`${name}:${help}`));
  return `${functionName(path)}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C -s -S \\
    ${specs.join(' \\\n    ')} \\
    '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
        ${children.join('\n        ')}
      )
      _describe command commands
      ;;
    rest)
      case $line[1] in
${commands.map((child) => `        ${child.name}) ${functionName(child.path)} ;;`).join('\n')}
      esac
      ;;
  esac
}
`;
}

function optionSpecs({ flags, help, value }: OptionSpec): string[] {
  const reported = `[${help.replaceAll(/[\\[\]]/g, '\\$&')}]`;
  const excluded = flags.length > 1 ? `(${flags.join(' ')})` : '';
  return flags.map((flag) => {
    // A long option's value may follow behind "=", too.
    const taken = value === undefined ? '' : flag.startsWith('--') ? '=' : '+';
    return quoted(`${excluded}${flag}${taken}${reported}${value === undefined ? '' : `:value:${action(value)}`}`);
  });
}

function action(value: Value): string {
  switch (value.kind) {
    case 'words':
      return `(${value.values.join(' ')})`;
    case 'printed':
      return `{local -a found=(\${(f)"$(${value.by} 2>/dev/null)"}); compadd -a found}`;
    case 'file':
      return '_files';
    case 'any':
      return ' ';
  }
}

function functionName(path: string): string {
  return `_${path.replaceAll(/[^a-z]/g, '_')}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
