import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { socketPathFault } from '../socket-path.ts';

/** A setting: an environment variable, and a flag of the same name (lower case, without KFLOW_). The flag takes precedence. */
export interface Setting {
  readonly variable: string;
  readonly flag: string;
  /** Placeholder of the value in `--help`; undefined for a switch. */
  readonly value?: string;
  readonly fallback: string;
  readonly help: string;
}

/** A value and the name of its source, for error messages. */
export interface Given {
  readonly name: string;
  readonly text: string;
}

export class InvalidSettingError extends Error {
  constructor(given: Given, accepted: string) {
    super(`${given.name}: ${JSON.stringify(given.text)} is not ${accepted}`);
  }
}

export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Parses a program's flags: those of its settings, `help`, `version` and `others`, which take no value. */
export function readFlags(
  args: readonly string[],
  settings: Readonly<Record<string, Setting>>,
  program: string,
  others: readonly string[] = [],
): Flags {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
  };
  for (const name of others) options[name] = { type: 'boolean' };
  for (const setting of Object.values(settings))
    options[setting.flag] = { type: setting.value === undefined ? 'boolean' : 'string' };
  try {
    // Accept "--kflow-listen" for "--listen", so that the naming rule is hard to get wrong.
    const named = args.map((arg) => arg.replace(/^--kflow-/, '--'));
    return parseArgs({ args: named, options, strict: true, allowPositionals: false }).values as Flags;
  } catch (error) {
    // After the first sentence, parseArgs explains how to write a positional argument. Drop that.
    const [sentence] = (error as Error).message.split('. ');
    throw new Error(`${sentence}; see ${program} --help`);
  }
}

/** The value of a setting: of its flag, else of its environment variable, else its default. */
export function applyGiven(setting: Setting, flags: Flags, environment: Readonly<NodeJS.ProcessEnv>): Given {
  const flag = flags[setting.flag];
  if (flag === true) return { name: `--${setting.flag}`, text: 'true' };
  if (typeof flag === 'string') return { name: `--${setting.flag}`, text: flag || setting.fallback };
  // Manifests set unused variables to the empty text.
  return { name: setting.variable, text: environment[setting.variable] || setting.fallback };
}

export function readSwitch(given: Given): boolean {
  if (given.text === '1' || given.text === 'true') return true;
  if (given.text === '' || given.text === '0' || given.text === 'false') return false;
  throw new InvalidSettingError(given, 'a switch: 1 or true, 0 or false');
}

export function readIp(given: Given): string | undefined {
  if (given.text === '') return undefined;
  if (isIP(given.text) === 0) throw new InvalidSettingError(given, 'an IP address');
  return given.text;
}

/** Reads the path of a unix socket. */
export function readSocketPath(given: Given): string {
  const fault = given.text.startsWith('/') ? socketPathFault(given.text) : 'not an absolute path';
  if (fault !== undefined) throw new Error(`${given.name}: ${JSON.stringify(given.text)}: ${fault}`);
  return given.text;
}

/** The lines of `--help` about the settings. */
export function formatSettings(settings: Readonly<Record<string, Setting>>): string {
  return Object.values(settings)
    .map(({ variable, flag, value, fallback, help }) => {
      const left = `  --${flag}${value === undefined ? '' : ` ${value}`}`;
      return `${left}\n      ${variable}: ${help}${fallback === '' ? '' : ` (${fallback})`}`;
    })
    .join('\n');
}
