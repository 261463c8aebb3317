#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { StandardOutput } from '../standard-output.ts';
import { version } from '../version.ts';
import { type AgentConfig, helpText, parseConfig } from './config.ts';
import { createLog } from './log.ts';
import { restrictProcess } from './process-permissions.ts';

// What the agent allocates is small and short-lived: room for more of it would only be kept.
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
  // The process that read the log is gone: that is no reason to stop.
  process.stderr.on('error', () => {});
  const log = createLog((text) => process.stderr.write(text), config.debug);
  try {
    restrictProcess(config, log);
  } catch (error) {
    log.info(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    return;
  }
  // From the start on: one that comes while the agent starts ends it as cleanly. And it may come twice: who stops a process
  // and its group, as timeout(1) does, sends two.
  const stopRequested = new Promise<void>((resolve) => {
    process.on('SIGTERM', () => resolve());
    process.on('SIGINT', () => resolve());
  });
  // Only now: `--help` and a bad setting need not wait for gRPC to load.
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
