import { fileURLToPath } from 'node:url';
import { LabAgent } from '../lab/agent.ts';
import { makeFolder } from '../lab/folder.ts';
import type { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { makeShow, play } from '../lab/show.ts';
import { Tmux, type TmuxOptions, tmuxUnavailable } from './tmux.ts';

const KFLOW = fileURLToPath(new URL('../../src/client/main.ts', import.meta.url));

export const SIZE = { width: 160, height: 50 };

/** Why these tests cannot run here; undefined when they can. */
export function stageUnavailable(): string | undefined {
  return labUnavailable() ?? tmuxUnavailable();
}

/** The command line of kflow. */
export function kflow(...words: string[]): string[] {
  return [process.execPath, KFLOW, ...words];
}

/** Real traffic of a small cluster, an agent on each node of it, and consoles on them. */
export class Stage {
  readonly lab: Lab;
  readonly agents: readonly LabAgent[];
  readonly #stop = new AbortController();
  readonly #played: Promise<void>;
  readonly #terminals: Tmux[] = [];

  private constructor(lab: Lab, agents: readonly LabAgent[]) {
    this.lab = lab;
    this.agents = agents;
    this.#played = play(lab, this.#stop.signal);
  }

  static async open(): Promise<Stage> {
    const lab = await makeShow();
    try {
      const folder = makeFolder();
      return new Stage(lab, await Promise.all(lab.nodes.map((node) => LabAgent.start(node.namespace, { folder }))));
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** What kflow is to be called with. */
  get endpoints(): string[] {
    return ['--endpoints', this.agents.map(({ address }) => address).join(',')];
  }

  /** A console that shows connections of all nodes. */
  async console(options: Partial<TmuxOptions> = {}): Promise<Tmux> {
    const terminal = this.terminal({ ...SIZE, command: kflow(...this.endpoints), ...options });
    await terminal.shows(/3\/3 agents.* connections/);
    await terminal.shows('ESTABLISHED');
    return terminal;
  }

  terminal(options: Partial<TmuxOptions> = {}): Tmux {
    const terminal = new Tmux({ ...SIZE, ...options });
    this.#terminals.push(terminal);
    return terminal;
  }

  /** Ends the consoles of one test. */
  clear(): void {
    for (const terminal of this.#terminals.splice(0)) terminal.close();
  }

  async close(): Promise<void> {
    this.clear();
    this.#stop.abort();
    try {
      await this.#played;
    } finally {
      // Whatever failed before: what still runs would keep this process for ever.
      await Promise.allSettled(this.agents.map((agent) => agent.stop()));
      await this.lab.close();
    }
  }
}
