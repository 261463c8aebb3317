import { type Command, InvalidArgumentError, Option, type OptionValues } from 'commander';
import { parseDuration } from '../../format/duration.ts';
import type { SessionOptions } from '../../session/session.ts';
import {
  addResolveOption,
  addStatusOption,
  addTrafficOptions,
  atOption,
  parseSessionOptions,
} from './source-options.ts';

export function addRecordOptions(command: Command, name: string): Command {
  command
    .argument('<file>', 'the file to write; -: standard output')
    .addOption(
      new Option('--duration <time>', 'stop after this time: 30s, 10m (default: until Ctrl-C)').argParser(
        parsePositiveDuration,
      ),
    )
    .addOption(new Option('--filter <words>', 'only connections that fit, as behind / in the console'))
    .option('--force', 'overwrite the file, where there is one');
  return addResolveOption(addTrafficOptions(command)).addHelpText(
    'after',
    `
The file holds who talked to whom: only its owner may read it. It can be replayed
while it is being written, and after a crash up to the last whole record.

  ${name} record incident.kflow --duration 5m
  ${name} replay incident.kflow
  ${name} flows --recording incident.kflow --at 1m30s -o json
  ${name} record - --duration 5m | gzip > incident.kflow.gz

Exit status: 0 after --duration, 130 at Ctrl-C: the file is whole either way.`,
  );
}

export function addReplayOptions(command: Command, name: string): Command {
  return addStatusOption(command)
    .argument('<file>', 'what `kflow record` wrote')
    .addOption(atOption('begin so long after the start: 90, 1m30s'))
    .addOption(new Option('--speed <factor>', 'begin with this speed: 0.5, 2, 10').argParser(parseSpeed).default(1))
    .addHelpText(
      'after',
      `
Space pauses, [ and ] seek 10 s back and forth (6]: a minute), + and - change the speed.
The rest is as in the console. For scripts: ${name} flows --recording FILE [-f] [--at TIME]`,
    );
}

/** Where the data of `kflow replay FILE` comes from. Throws a usage error if other options contradict it. */
export function parseReplayOptions(file: string, { speed: _, ...options }: OptionValues): SessionOptions {
  return parseSessionOptions({ ...options, recording: file });
}

function parsePositiveDuration(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed) throw new InvalidArgumentError('Expected a time such as 30s, 10m or 1h30m.');
  return parsed;
}

function parseSpeed(text: string): number {
  const parsed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (!(parsed >= 0.125 && parsed <= 64)) throw new InvalidArgumentError('Expected a number from 0.125 to 64.');
  return parsed;
}
