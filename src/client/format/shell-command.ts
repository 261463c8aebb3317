/** A command to paste, and its arguments. */
export interface ShellCommand {
  /** Quoted for a POSIX shell, on one line. */
  readonly text: string;
  readonly command: readonly string[];
}

/** The one place where arguments become text for a shell. */
export function shellCommand(command: readonly string[]): ShellCommand {
  return { text: command.map(quoteWord).join(' '), command };
}

/** The placeholder for the node's name in a command for several nodes. */
export const NODE = '\0node\0';

/** Commands joined with &&; for several nodes as a loop. */
export function shellText(commands: readonly (readonly string[])[], nodes: readonly string[] = []): string {
  const [only = ''] = nodes;
  if (nodes.length > 1) {
    const body = commands.map((command) => command.map(quoteLoopWord).join(' ')).join(' && ');
    return `for node in ${nodes.map(quoteWord).join(' ')}; do ${body}; done`;
  }
  const filled = commands.map((command) => command.map((word) => word.replaceAll(NODE, only)));
  return filled.map((command) => shellCommand(command).text).join(' && ');
}

function quoteWord(word: string): string {
  return /^[\w./:@=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function quoteLoopWord(word: string): string {
  if (!word.includes(NODE)) return quoteWord(word);
  return word
    .split(NODE)
    .map((part) => (part === '' ? '' : quoteWord(part)))
    .join('"$node"');
}

/** Whether a name from a cluster or an agent may be used in a command: only names that Kubernetes allows. */
export function isKubernetesName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
}

/** Whether it is a valid image name: "localhost:5000/kflow-daemon:1.2.2". */
export function isImageName(image: string): boolean {
  return image.length <= 512 && /^[a-z0-9][\w.:/@-]*$/i.test(image);
}
