import assert from 'node:assert/strict';
import type { Subscription } from 'rxjs';
import { parseAgentAddresses } from '../../src/client/agents/agent-addresses.ts';
import type { Snapshot } from '../../src/client/model/snapshot.ts';
import type { Problem } from '../../src/client/problems/problem.ts';
import { ProblemMonitor } from '../../src/client/problems/problem-monitor.ts';
import { openSession } from '../../src/client/session/open-session.ts';
import type { Session } from '../../src/client/session/session.ts';
import { LabAgent } from '../lab/agent.ts';
import { makeFolder } from '../lab/folder.ts';
import { Lab } from '../lab/lab.ts';

/** The contract: a fault is on the screen by then. */
const APPEARS_MS = 5000;

const IO = {
  stdout: () => {},
  flushed: () => Promise.resolve(),
  stderr: () => {},
  signal: new AbortController().signal,
  env: process.env,
  program: 'kflow',
  isTerminal: false,
};

/** A lab with agents that poll once a second, watched as the console watches them. */
export class ProblemLab {
  readonly lab: Lab;
  readonly agents: LabAgent[];
  /** Every problem that there ever was, by its key. */
  readonly ever = new Map<string, Problem>();
  snapshot: Snapshot | undefined;
  problems: readonly Problem[] = [];
  readonly #folder: string;
  readonly #waiting = new Set<() => void>();
  readonly #source: Session;
  readonly #watching: Subscription;

  private constructor(lab: Lab, agents: LabAgent[], folder: string, source: Session) {
    this.lab = lab;
    this.agents = agents;
    this.#folder = folder;
    this.#source = source;
    const watch = new ProblemMonitor();
    this.#watching = source.snapshots$.subscribe((snapshot) => {
      this.snapshot = snapshot;
      this.problems = watch.of(snapshot);
      for (const problem of this.problems) this.ever.set(problem.key, problem);
      for (const wake of this.#waiting) wake();
    });
  }

  static async create(nodes: number): Promise<ProblemLab> {
    const lab = await Lab.create({ nodes });
    const agents: LabAgent[] = [];
    try {
      const folder = makeFolder();
      for (const { namespace } of lab.nodes) agents.push(await LabAgent.start(namespace, { folder }));
      const parsed = parseAgentAddresses(agents.map(({ address }) => address).join(','));
      assert.ok(parsed.ok);
      // As `kflow --endpoints` has it.
      return new ProblemLab(lab, agents, folder, await openSession({ endpoints: parsed.targets }, IO));
    } catch (error) {
      await Promise.all(agents.map((agent) => agent.stop()));
      await lab.close();
      throw error;
    }
  }

  /** Starts a node's agent again, at the address of the one before. */
  async restartAgent(number: number): Promise<void> {
    this.agents[number - 1] = await LabAgent.start(this.lab.node(number).namespace, { folder: this.#folder });
  }

  /** Waits until there is such a problem; it must be there as soon as the contract says. */
  /** `least`: what is counted may come in the tables of two polls. */
  appears(what: string, where: RegExp, { least = 0, withinMs = APPEARS_MS } = {}): Promise<Problem> {
    return this.#until(`"${what}" at ${where} appears`, withinMs, () => {
      const found = this.#find(what, where);
      return found !== undefined && found.count >= least ? found : undefined;
    });
  }

  async goes(what: string, where: RegExp, withinMs: number): Promise<void> {
    await this.#until(`"${what}" at ${where} goes`, withinMs, () => this.#find(what, where) === undefined || undefined);
  }

  #find(what: string, where: RegExp): Problem | undefined {
    return this.problems.find((problem) => problem.title === what && where.test(problem.subject));
  }

  /** As many connections are behind the problem as it says. */
  behind(problem: Problem): number {
    return (this.snapshot?.connections ?? []).filter((connection) => problem.matches?.(connection)).length;
  }

  async #until<T>(what: string, withinMs: number, find: () => T | undefined): Promise<T> {
    const began = performance.now();
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const left = withinMs - (performance.now() - began);
      if (left <= 0) {
        const now = this.problems.map((problem) => `${problem.title} at ${problem.subject}`).join('; ');
        throw new Error(`${what}: not within ${withinMs} ms; there is: ${now}`);
      }
      await this.#news(left);
    }
  }

  #news(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.#waiting.add(wake);
    });
  }

  async close(): Promise<void> {
    this.#watching.unsubscribe();
    await this.#source.close();
    await Promise.all(this.agents.map((agent) => agent.stop()));
    await this.lab.close();
  }
}

/** Does something again and again, whatever becomes of it, until what is returned is called. */
export function everySo(ms: number, act: () => Promise<unknown>): () => void {
  const timer = setInterval(() => void act().catch(() => undefined), ms);
  return () => clearInterval(timer);
}
