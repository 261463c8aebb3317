import { join } from 'node:path';
import { concat, NEVER, of } from 'rxjs';
import type { AgentConfig } from '../../agent/config.ts';
import { type RunningAgent, startAgent } from '../../agent/server.ts';
import { createSocketFolder } from '../files/socket-folder.ts';
import { sentence } from '../format/sanitize.ts';
import type { AgentTarget, DialResult, Discovery } from './discovery.ts';

export interface LocalAgent {
  readonly discovery: Discovery;
  close(): Promise<void>;
}

/**
 * An agent inside this process that reads this machine's own table, reached through a unix socket in a folder that only this
 * user can enter. It starts at the first dial.
 */
export function localAgent(config: AgentConfig): LocalAgent {
  const folder = createSocketFolder();
  let running: Promise<RunningAgent> | undefined;
  const target: AgentTarget = {
    key: 'local',
    async dial(): Promise<DialResult> {
      running ??= startAgent({
        ...config,
        network: 'own',
        hostIp: undefined,
        listen: `unix:${join(folder.path, 'agent.sock')}`,
      });
      try {
        const { address } = await running;
        return { address, close() {} };
      } catch (error) {
        running = undefined;
        throw error;
      }
    },
  };
  return {
    discovery: { origin: sentence`this machine`, discovered$: concat(of({ targets: [target] }), NEVER) },
    async close() {
      await running?.then((agent) => agent.close()).catch(() => {});
      folder.remove();
    },
  };
}
