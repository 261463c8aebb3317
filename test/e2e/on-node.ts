import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Playground } from './playground.ts';

const run = promisify(execFile);

/** A command that runs what follows on a node, which it takes as its number: counted from 1, by the order of their names. */
const ON_NODE = process.env.KFLOW_TEST_ON_NODE;

export const noWayToNodes: string | false = ON_NODE
  ? false
  : 'needs a way to run commands on nodes: set KFLOW_TEST_ON_NODE, so that `$KFLOW_TEST_ON_NODE 1 COMMAND …` runs on the first';

/** Runs a command on the node of that name, and gives what it printed. */
export async function onNode(playground: Playground, name: string, command: readonly string[]): Promise<string> {
  const number = (await playground.nodes()).findIndex((node) => node.name === name) + 1;
  if (number === 0) throw new Error(`no node ${name}`);
  const [program = '', ...args] = [...(ON_NODE ?? '').split(' '), `${number}`, ...command];
  const { stdout } = await run(program, args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Runs one of the commands that the environment names. */
export async function runHook(command: string): Promise<void> {
  const [program = '', ...args] = command.split(' ');
  await run(program, args);
}
