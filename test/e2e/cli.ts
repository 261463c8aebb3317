import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const KFLOW = fileURLToPath(new URL('../../src/client/main.ts', import.meta.url));

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `kflow` as one would type it, to its end. */
export async function runKflow(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const child = startKflow(args, env);
  let out = '';
  let err = '';
  child.stdout?.on('data', (piece) => {
    out += piece;
  });
  child.stderr?.on('data', (piece) => {
    err += piece;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, err };
}

export function startKflow(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [KFLOW, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Of an endpoint in `-o json`, what names it. */
export interface NamedParty {
  readonly kind?: string;
  readonly address?: string;
  readonly port?: number;
  readonly namespace?: string;
  readonly name?: string;
  readonly node?: string;
  readonly workload?: { readonly kind: string; readonly name: string };
}

/** Of a connection in `-o json`, what these tests look at. */
export interface FlowRow {
  readonly protocol: string;
  readonly state?: string;
  readonly replied: boolean;
  readonly source: NamedParty;
  readonly destination: NamedParty;
  readonly via?: {
    readonly service?: NamedParty;
    readonly snat?: { readonly address: string; readonly port?: number };
  };
  readonly bytesPerSecond?: { readonly sent: number; readonly received: number };
  readonly bytes?: { readonly sent: number; readonly received: number };
  readonly observedBy: readonly string[];
}

/** The connections as `kflow flows -o json` tells them. */
export async function flowRows(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<FlowRow[]> {
  const { status, out, err } = await runKflow(['flows', '-o', 'json', ...args], env);
  if (status !== 0) throw new Error(`kflow flows: status ${status}: ${err}`);
  return JSON.parse(out) as FlowRow[];
}
