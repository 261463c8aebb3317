import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { packageFile } from '../../../package-file.ts';
import {
  type ConnectionTracking,
  findTrackingError,
  formatTrackingTable,
  removeStaleTracking,
  startTracking,
} from '../../agents/local-tracking.ts';
import type { SuggestedAction } from '../../tui/input/suggested-actions.ts';

/** The recording that ships with kflow. */
const EXAMPLE = packageFile('examples/shop.kflow');
/** Exists only in a checkout. */
const DEMO = packageFile('scripts/demo.ts');
const DEMO_TOOLS = ['unshare', 'nsenter', 'setpriv', 'ip', 'nft', 'conntrack', 'iperf3'];

export interface ConsoleActions {
  readonly actions: readonly SuggestedAction[];
  /** What the operator chose to run after the console. */
  readonly next: () => 'example' | 'demo' | undefined;
  /** Turns tracking off again. */
  close(): void;
}

/** `local`: the console shows this machine, so that tracking can be turned on here. */
export function suggestActions(local: boolean, env: NodeJS.ProcessEnv): ConsoleActions {
  let next: 'example' | 'demo' | undefined;
  let tracking: ConnectionTracking | undefined;
  const actions: SuggestedAction[] = [];
  if (existsSync(EXAMPLE))
    actions.push({
      id: 'example',
      key: 'R',
      label: 'replays a recorded incident',
      endsConsole: true,
      run: () => {
        next = 'example';
        return '';
      },
    });
  if (local) {
    const unavailable = findTrackingError();
    if (unavailable === undefined) removeStaleTracking();
    actions.push({
      id: 'tracking',
      key: 'T',
      label: 'turns connection tracking on',
      ...(unavailable === undefined ? {} : { unavailable }),
      question: `Turn tracking on (nft table ${formatTrackingTable()}) until kflow ends?`,
      endsConsole: false,
      run: () => {
        tracking ??= startTracking();
        return `tracking is on: new packets make connections appear (nft table ${tracking.table})`;
      },
    });
  }
  if (existsSync(DEMO)) {
    const unavailable = demoUnavailable(env);
    actions.push({
      id: 'demo',
      key: 'D',
      label: 'runs the demo',
      ...(unavailable === undefined ? {} : { unavailable }),
      endsConsole: true,
      run: () => {
        next = 'demo';
        return '';
      },
    });
  }
  return { actions, next: () => next, close: () => tracking?.stop() };
}

export const EXAMPLE_RECORDING = EXAMPLE;

/** Runs the demo on this terminal until it ends. Returns its exit status. */
export async function runDemo(signal: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, [DEMO], { stdio: 'inherit' });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const [status] = await once(child, 'exit');
  signal.removeEventListener('abort', stop);
  return status ?? 1;
}

function demoUnavailable({ PATH = '' }: NodeJS.ProcessEnv): string | undefined {
  if (process.platform !== 'linux') return 'the demo needs Linux';
  if (process.getuid?.() !== 0) return 'the demo requires root: it makes network namespaces';
  const missing = DEMO_TOOLS.filter(
    (tool) => !PATH.split(delimiter).some((folder) => isExecutable(join(folder, tool))),
  );
  return missing.length === 0 ? undefined : `the demo needs ${missing.join(', ')} in PATH`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
