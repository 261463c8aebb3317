#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { StandardOutput } from '../standard-output.ts';
import { version } from '../version.ts';
import { type AgentConfig, helpText, parseConfig } from './config.ts';
import { createLog } from './log.ts';
import { restrictProcess } from './process-permissions.ts';

// The agent's allocations are small and short-lived: a larger young generation would only waste memory.
setFlagsFromString('--semi-space-growth-factor=1');

const parsed = parseConfig(process.argv.slice(2), process.env);
if (parsed.kind === 'config') await run(parsed.config);
else if (parsed.kind === 'help') print(helpText());
else if (parsed.kind === 'version') print(`${version()}\n`);
else if (parsed.kind === 'invalid') {
  createLog((text) => process.stderr.write(text), false).info(parsed.reason);
  process.exitCode = 2;
}

function print(text: string): void {
  const output = new StandardOutput(process.stdout, ({ code }) => {
    process.exitCode = code === 'EPIPE' ? 0 : 1;
    if (output.fault !== undefined) process.stderr.write(`kflow-agent: ${output.fault}\n`);
  });
  output.write(text);
}

async function run(config: AgentConfig): Promise<void> {
  // If the process that reads the log exits, the agent continues.
  process.stderr.on('error', () => {});
  const log = createLog((text) => process.stderr.write(text), config.debug);
  try {
    restrictProcess(config, log);
  } catch (error) {
    log.info(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    return;
  }
  // Listen from the start, so that a signal during the start also ends the agent cleanly. The signal may arrive twice: a program that
  // signals a process and its group, such as timeout(1), sends two.
  const stopRequested = new Promise<void>((resolve) => {
    process.on('SIGTERM', () => resolve());
    process.on('SIGINT', () => resolve());
  });
  // Load gRPC only now: `--help` and invalid settings do not need it.
  const { startAgent } = await import('./server.ts');
  try {
    const agent = await startAgent(config, log);
    await stopRequested;
    log.info('shutting down');
    await agent.close();
    process.exit(0);
  } catch (error) {
    log.info(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
