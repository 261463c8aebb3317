import { allCommands, type CommandSpec, type Value } from './command-tree.ts';

/** Also for bash 3.2, and without the bash-completion package. */
export function bash(root: CommandSpec, programs: readonly string[]): string {
  const commands = allCommands(root);
  const below = commands.flatMap(({ path, commands }) => commands.map(({ name }) => pattern(path, name)));
  const valued = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) =>
      value === undefined ? [] : flags.map((flag) => ({ at: pattern(path, flag), value })),
    ),
  );
  return `# bash completion for ${root.name}:  source <(${root.name} completion bash)
_${root.name}() {
  local command=${root.name} word previous i skip=
  local current=\${COMP_WORDS[COMP_CWORD]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # --option=value comes as three words.
    if [ "$word" = = ]; then skip=1; continue; fi
    if [ -n "$skip" ]; then skip=; continue; fi
    case "$command $word" in
      ${below.join(' | ')}) command="$command $word" ;;
      ${valued.map(({ at }) => at).join(' | ')}) skip=1 ;;
    esac
  done
  previous=\${COMP_WORDS[COMP_CWORD - 1]}
  if [ "$current" = = ]; then current=; elif [ "$previous" = = ]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  local IFS=$'\\n'
  COMPREPLY=()
  case "$command $previous" in
${valued.map(({ at, value }) => `    ${at}) ${reply(value)}; return ;;`).join('\n')}
  esac
  case "$current" in
    -*)
      case "$command" in
${commands.map(({ path, options }) => `        ${quoted(path)}) ${quoteWords(options.flatMap(({ flags }) => flags))} ;;`).join('\n')}
      esac
      ;;
    *)
      case "$command" in
${commands.flatMap(argumentLine).join('\n')}
      esac
      ;;
  esac
}
complete -F _${root.name} ${programs.join(' ')}
`;
}

function argumentLine({ path, commands, argument }: CommandSpec): string[] {
  if (commands.length > 0) return [`        ${quoted(path)}) ${quoteWords(commands.map(({ name }) => name))} ;;`];
  return argument === undefined || argument.kind === 'any' ? [] : [`        ${quoted(path)}) ${reply(argument)} ;;`];
}

function reply(value: Value): string {
  switch (value.kind) {
    case 'words':
      return quoteWords(value.values);
    case 'printed':
      return `COMPREPLY=($(compgen -W "$(${value.by} 2>/dev/null)" -- "$current"))`;
    case 'file':
      return 'COMPREPLY=($(compgen -f -- "$current")); compopt -o filenames 2>/dev/null';
    case 'any':
      return ':';
  }
}

/** Separated by newlines, as IFS in the script. */
function quoteWords(list: readonly string[]): string {
  return `COMPREPLY=($(compgen -W $'${list.join('\\n')}' -- "$current"))`;
}

function pattern(path: string, word: string): string {
  return quoted(`${path} ${word}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
