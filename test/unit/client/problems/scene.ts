import type { AgentState } from '../../../../src/client/model/agent.ts';
import type { Connection, Hop } from '../../../../src/client/model/connection.ts';
import type { LocalGap } from '../../../../src/client/model/snapshot.ts';
import type { Problem } from '../../../../src/client/problems/problem.ts';
import { ProblemMonitor } from '../../../../src/client/problems/problem-monitor.ts';
import { TCP, UDP } from '../../../../src/flow/protocol.ts';
import { type StateName, stateNumber } from '../../../../src/flow/state.ts';

const START = 1_700_000_000_000;

/** A cluster's clock, agents and connections, as a client sees them second by second. */
export class Scene {
  now = START;
  /** How far the agents' clocks are off. */
  skewMs = 0;
  agents: AgentState[] = [];
  idleServices: readonly string[] = [];
  localGaps: readonly LocalGap[] = [];
  missingNames: readonly string[] = [];
  discoveryProblem: string | undefined;
  readonly connections = new Map<number, Connection>();
  readonly #watch = new ProblemMonitor();
  #lastId = 0;

  constructor(...nodes: string[]) {
    for (const node of nodes.length === 0 ? ['node1'] : nodes) this.agent(node);
  }

  agent(node: string, over: Partial<AgentState> = {}): void {
    const info = {
      node,
      version: '1',
      source: 'procfs',
      path: '/host/proc/1/net/nf_conntrack',
      accounting: 'on',
      timestamping: 'off',
      maxEntries: 1000,
      counters: { drop: 7, insertFailed: 7, earlyDrop: 7 },
    } as const;
    const known = this.agents.find(({ key }) => key === node);
    const state: AgentState = { key: node, node, status: { kind: 'live' }, flows: 1, info, ...known, ...over };
    this.agents = [...this.agents.filter(({ key }) => key !== node), state];
  }

  /** Begins a connection now, as the first agent sees it, and gives its id. */
  add(over: Partial<Connection> = {}, state: StateName = 'ESTABLISHED'): number {
    const id = ++this.#lastId;
    const at = this.now + this.skewMs;
    const connection: Connection = {
      id,
      family: 4,
      protocol: TCP,
      source: { address: '10.244.2.3' },
      sourcePort: 30_000 + ((id * 7919) % 30_000),
      destination: { address: '10.244.1.3' },
      destinationPort: 8080,
      state: stateNumber(state) ?? 0,
      replied: true,
      offloaded: false,
      mark: 0,
      zone: 0,
      sentBytes: 60,
      receivedBytes: 60,
      sentPackets: 1,
      firstSeenAt: at,
      expiresAt: Math.floor(at / 1000) + 120,
      hops: [hop(this.agents[0]?.key ?? '', stateNumber(state) ?? 0)],
      stale: false,
      ...over,
    };
    this.connections.set(id, connection);
    return id;
  }

  syn(over: Partial<Connection> = {}): number {
    return this.add({ replied: false, ...over }, 'SYN_SENT');
  }

  query(over: Partial<Connection> = {}): number {
    const expiresAt = Math.floor((this.now + this.skewMs) / 1000) + 30;
    return this.add(
      { protocol: UDP, destinationPort: 53, replied: false, expiresAt, hops: [hop('node1', 0)], ...over },
      '',
    );
  }

  change(id: number, over: Partial<Connection>): void {
    const before = this.connections.get(id);
    if (before !== undefined) this.connections.set(id, { ...before, ...over });
  }

  answer(id: number): void {
    const protocol = this.connections.get(id)?.protocol;
    const state = protocol === TCP ? (stateNumber('ESTABLISHED') ?? 0) : 0;
    this.change(id, { replied: true, state, hops: [hop('node1', state)] });
  }

  /** What is wrong now. */
  look(): readonly Problem[] {
    const observedAt = this.now + this.skewMs;
    const agents = this.agents.map((agent) =>
      agent.status.kind === 'live' ? { ...agent, poll: { ...POLL, ...agent.poll, observedAt } } : agent,
    );
    return this.#watch.of({
      at: this.now,
      origin: 'a test',
      agents,
      connections: [...this.connections.values()],
      notices: [],
      servicesWithoutEndpoints: this.idleServices,
      localGaps: this.localGaps,
      ...(this.missingNames.length > 0 ? { missingNames: this.missingNames } : {}),
      ...(this.discoveryProblem === undefined ? {} : { discoveryError: this.discoveryProblem }),
    });
  }

  /** So many seconds later; `each` is called before each of them is looked at. */
  pass(seconds: number, each: (second: number) => void = () => undefined): readonly Problem[] {
    let found = this.look();
    for (let second = 1; second <= seconds; second++) {
      this.now += 1000;
      each(second);
      found = this.look();
    }
    return found;
  }
}

const POLL = {
  observedAt: 0,
  entries: 10,
  unparsedLines: 0,
  durationSeconds: 0.01,
  intervalSeconds: 1,
  skipped: false,
};

export function hop(agent: string, state: number): Hop {
  const end = { address: '10.244.2.3', port: 1 };
  const pair = { source: end, destination: end };
  return { agent, node: agent, flow: 1, original: pair, reply: pair, state, sentBytes: 60 };
}

/** "TCP SYN unanswered at 10.0.0.1:80 × 3" */
export function formatProblems(problems: readonly Problem[]): string[] {
  return problems.map(({ title, subject, count }) => `${title} at ${subject} × ${count}`);
}
