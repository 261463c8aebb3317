import type { Subscription } from 'rxjs';
import type { AgentState } from '../../src/client/model/agent.ts';
import type { Connection } from '../../src/client/model/connection.ts';
import type { Snapshot } from '../../src/client/model/snapshot.ts';
import { openSession } from '../../src/client/session/open-session.ts';
import type { Session } from '../../src/client/session/session.ts';
import { Inbox } from '../unit/client/kubernetes/fake-api.ts';
import type { Case } from './scene.ts';

const IO = {
  stdout: () => {},
  flushed: () => Promise.resolve(),
  stderr: () => {},
  signal: new AbortController().signal,
  env: process.env,
  program: 'kflow',
  isTerminal: false,
};

/** kflow's own way from a cluster to its snapshots, in this process, while a test looks. */
export class Watching {
  /** What no snapshot may have, and one had: a connection twice, or one node twice in a connection. */
  readonly wrong: string[] = [];
  readonly #snapshots = new Inbox<Snapshot>();
  readonly #cases: readonly Case[];
  readonly #source: Session;
  readonly #subscription: Subscription;

  private constructor(source: Session, cases: readonly Case[]) {
    this.#source = source;
    this.#cases = cases;
    this.#subscription = source.snapshots$.subscribe((snapshot) => {
      this.#check(snapshot);
      this.#snapshots.push(snapshot);
    });
  }

  static async open(namespace: string, cases: readonly Case[]): Promise<Watching> {
    return new Watching(await openSession({ agentNamespace: [namespace] }, IO), cases);
  }

  /** The next snapshot for which it holds. */
  async until(what: string, seconds: number, holds: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
    let last: Snapshot | undefined;
    const passes = (snapshot: Snapshot) => {
      last = snapshot;
      return holds(snapshot);
    };
    try {
      return await this.#snapshots.next(passes, seconds * 1000);
    } catch {
      const agents = last?.agents.map(({ node, pod, status }) => `${node} ${pod} ${JSON.stringify(status)}`) ?? [];
      throw new Error(`${what}: not within ${seconds} s\n${last?.discoveryError ?? ''}\n${agents.join('\n')}`);
    }
  }

  /** Every agent is live, has polled since now, and each known connection is there once, as all its nodes saw it. */
  async untilWhole(nodes: readonly string[], seconds = 60): Promise<Snapshot> {
    const since = Date.now();
    const isFresh = ({ status, poll }: AgentState) => status.kind === 'live' && (poll?.observedAt ?? 0) > since;
    return this.until('all agents live, all connections whole', seconds, ({ agents, connections }) => {
      if (agents.length !== nodes.length || !agents.every(isFresh)) return false;
      return this.#cases.every((one) => {
        const [first, ...others] = rowsOf(connections, one);
        if (first === undefined || others.length > 0 || first.stale) return false;
        return String(first.hops.map(({ node }) => node)) === String(one.expected.observedBy);
      });
    });
  }

  async close(): Promise<void> {
    this.#subscription.unsubscribe();
    await this.#source.close();
  }

  #check({ connections }: Snapshot): void {
    for (const one of this.#cases) {
      const rows = rowsOf(connections, one);
      if (rows.length > 1) this.wrong.push(`${one.name}: ${rows.map(wordsOf).join('; ')}`);
    }
    for (const connection of connections) {
      const nodes = connection.hops.map(({ node }) => node);
      if (new Set(nodes).size < nodes.length) this.wrong.push(wordsOf(connection));
    }
  }
}

function rowsOf(connections: readonly Connection[], { sourcePort }: Case): Connection[] {
  return connections.filter((connection) => connection.sourcePort === sourcePort);
}

function wordsOf({ source, sourcePort, destination, hops }: Connection): string {
  const seen = hops.map(({ node, agent }) => `${node} (${agent})`).join(', ');
  return `${source.address}:${sourcePort} → ${destination.address} by ${seen}`;
}
