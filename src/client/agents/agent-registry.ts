import type { FlowTable } from '../../flow/flow-table.ts';
import { type CleanText, cleanText, sentence } from '../format/sanitize.ts';
import type { AgentState } from '../model/agent.ts';
import type { AgentEvent } from './agent-event.ts';
import { findDifferingClaim } from './agent-identity.ts';
import type { AgentTarget, DiscoveryResult } from './discovery.ts';

/** An agent and the replica of its table, which is absent until a complete one has come. */
export interface RegisteredAgent {
  readonly state: AgentState;
  readonly table?: FlowTable;
  /** How many whole polls it has reported. */
  readonly polls: number;
  /** Since when discovery no longer finds it; its last table is kept. Unix time in milliseconds. */
  readonly goneAt?: number;
}

/** How long the last table of an agent that is gone is kept. */
const KEPT_MS = 15 * 60_000;

/** The agents that discovery has found, in that order, each with the last report of its stream. */
export class AgentRegistry {
  /** Discovery has reported something. */
  isDiscovered = false;
  /** Why the list of agents may be wrong or empty. */
  discoveryError: CleanText | undefined;
  /** Notices about discovery for the operator. */
  notices: readonly CleanText[] = [];
  readonly #entries = new Map<string, RegisteredAgent>();
  /** Without a Kubernetes identity: agents that claim the same node as another one, and why they are not used. */
  #duplicates = new Map<string, CleanText>();

  /** The agents whose tables count. */
  get entries(): Iterable<RegisteredAgent> {
    return [...this.#entries.values()].filter(({ state, table }) => {
      if (this.#duplicates.has(state.key)) return false;
      return state.status.kind !== 'unused' || table !== undefined;
    });
  }

  get states(): readonly AgentState[] {
    return Array.from(this.#entries.values(), ({ state }) => {
      const reason = this.#duplicates.get(state.key);
      return reason === undefined ? state : { ...state, status: { kind: 'unused', reason } };
    });
  }

  /** Sets what discovery has found. Returns the targets to start watching, and the keys of those to stop. */
  setTargets(
    found: DiscoveryResult,
    now: number,
  ): { readonly fresh: readonly AgentTarget[]; readonly left: readonly string[] } {
    this.isDiscovered = true;
    this.discoveryError = found.error;
    this.notices = found.notices ?? [];
    const targets = new Map(found.targets.map((target) => [target.key, target]));
    const left: string[] = [];
    for (const [key, entry] of this.#entries) {
      if (targets.has(key)) continue;
      if (entry.goneAt === undefined) left.push(key);
      if (entry.table === undefined) this.#entries.delete(key);
      else this.#entries.set(key, markRemoved(entry, found.targets, now));
    }
    this.#keepLastOfEachNode();
    const fresh: AgentTarget[] = [];
    for (const target of targets.values()) {
      const known = this.#entries.get(target.key);
      const wasWatched = known !== undefined && known.goneAt === undefined && known.state.status.kind !== 'unused';
      if (target.unused !== undefined && wasWatched) left.push(target.key);
      if (target.unused === undefined && !wasWatched) fresh.push(target);
      const status = statusOf(target, known);
      const state = { ...known?.state, status, ...identity(target, known?.state) };
      const { table, polls = 0 } = known ?? {};
      this.#entries.set(target.key, { state, polls, ...(table === undefined ? {} : { table }) });
    }
    this.#findDuplicates();
    return { fresh, left };
  }

  /**
   * Without a Kubernetes identity an agent's own claim counts: then the first agent that claims a node is used, as long
   * as it replies. Two would count each connection twice.
   */
  #findDuplicates(): void {
    const used = new Map<string, AgentState>();
    const claiming = Array.from(this.#entries.values()).filter(
      ({ state, goneAt }) => state.pod === undefined && goneAt === undefined,
    );
    for (const { state } of claiming.toSorted((a, b) => Number(isLost(a)) - Number(isLost(b))))
      if (!used.has(state.node)) used.set(state.node, state);
    this.#duplicates = new Map(
      claiming.flatMap(({ state: { key, node } }) => {
        const other = used.get(node);
        return other === undefined || other.key === key
          ? []
          : [[key, sentence`${cleanText(other.key)} is the agent of ${node}`] as const];
      }),
    );
  }

  /** Keeps only the last of a node's agents that are gone. */
  #keepLastOfEachNode(): void {
    const last = new Map<string, number>();
    for (const { state, goneAt = 0 } of this.#entries.values())
      last.set(state.node, Math.max(goneAt, last.get(state.node) ?? 0));
    for (const [key, { state, goneAt }] of this.#entries)
      if (goneAt !== undefined && goneAt < (last.get(state.node) ?? 0)) this.#entries.delete(key);
  }

  /** Drops agents that are gone once another agent on the same node has sent a complete table. Returns whether there was any. */
  forgetReplaced(): boolean {
    const reported = new Set<string>();
    for (const { state, table, goneAt } of this.#entries.values())
      if (goneAt === undefined && table !== undefined && state.status.kind !== 'unused') reported.add(state.node);
    let changed = false;
    for (const [key, { state, table }] of this.#entries) {
      if (state.status.kind !== 'unused' || table === undefined || !reported.has(state.node)) continue;
      this.#entries.set(key, { state, polls: 0 });
      changed = true;
    }
    return this.#forget(({ state }) => reported.has(state.node)) || changed;
  }

  /** Drops agents that have been gone for too long. Returns whether there was any. */
  expire(now: number): boolean {
    return this.#forget(({ goneAt = now }) => now - goneAt > KEPT_MS);
  }

  #forget(isOver: (entry: RegisteredAgent) => boolean): boolean {
    const before = this.#entries.size;
    for (const [key, entry] of this.#entries)
      if (entry.goneAt !== undefined && isOver(entry)) this.#entries.delete(key);
    return this.#entries.size < before;
  }

  /** Discovery failed: the agents stay as they are. */
  setDiscoveryError(problem: CleanText): void {
    this.isDiscovered = true;
    this.discoveryError = problem;
  }

  /** `now`: unix time in milliseconds. Events of an agent that is gone are ignored. */
  applyEvent(key: string, event: AgentEvent, now: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.goneAt !== undefined || entry.state.status.kind === 'unused') return;
    const { state } = entry;
    switch (event.kind) {
      case 'status':
        this.#entries.set(key, { ...entry, state: { ...state, status: event.status } });
        this.#findDuplicates();
        return;
      case 'info':
        this.#entries.set(key, { ...entry, state: claimedNode({ ...hasAnswered(state, now), info: event.info }) });
        this.#findDuplicates();
        return;
      case 'forgotten': {
        const { flows: _, omittedFlows: __, poll: ___, ...rest } = state;
        this.#entries.set(key, { polls: 0, state: rest });
        return;
      }
      case 'heartbeat':
        this.#entries.set(key, { ...entry, state: hasAnswered(state, now) });
        return;
      case 'table': {
        const { table, poll, old, omitted } = event;
        const reported = {
          flows: table.size,
          ...(poll === undefined ? {} : { poll }),
          ...(old ? {} : { lastSeenAt: now }),
        };
        const polls = entry.polls + (old ? 0 : 1);
        const { omittedFlows: _, ...before } = hasAnswered(state, now);
        const left = omitted === undefined ? {} : { omittedFlows: omitted };
        this.#entries.set(key, { table, polls, state: { ...before, ...reported, ...left } });
      }
    }
  }
}

/** The reason may change later: first the pod is being deleted, then it is gone. */
function markRemoved(entry: RegisteredAgent, targets: readonly AgentTarget[], now: number): RegisteredAgent {
  const { namespace, pod } = entry.state;
  const isThere = targets.some((target) => target.pod === pod && target.namespace === namespace);
  const reason =
    pod === undefined
      ? sentence`it is not listed any more`
      : isThere
        ? sentence`the agent in pod ${pod} ended`
        : sentence`pod ${pod} was deleted`;
  return {
    ...entry,
    polls: 0,
    goneAt: entry.goneAt ?? now,
    state: { ...entry.state, status: { kind: 'lost', reason } },
  };
}

/** A reply without data does not make an older table current again. */
function hasAnswered(state: AgentState, now: number): AgentState {
  return state.flows === undefined ? { ...state, lastSeenAt: now } : state;
}

function isLost({ state }: RegisteredAgent): boolean {
  return state.status.kind === 'lost';
}

function statusOf({ unused }: AgentTarget, known: RegisteredAgent | undefined): AgentState['status'] {
  if (unused !== undefined) return { kind: 'unused', reason: unused };
  const before = known?.state.status;
  return before === undefined || before.kind === 'unused' ? { kind: 'connecting' } : before;
}

/** The node from Kubernetes; else the agent's own claim, once it has one; else its key. */
function identity(target: AgentTarget, known: AgentState | undefined) {
  const { key, namespace, pod } = target;
  const node = target.node ?? (pod === undefined ? known?.node : undefined) ?? cleanText(key);
  return { key, node, ...(namespace === undefined ? {} : { namespace }), ...(pod === undefined ? {} : { pod }) };
}

/** The node that an agent claims: its name if there is no other, and otherwise only compared. */
function claimedNode({ claimedNode: _, ...state }: AgentState): AgentState {
  const claim = state.info?.node;
  if (claim === undefined || claim === '') return state;
  if (state.pod === undefined) return { ...state, node: claim };
  const claimedNode = findDifferingClaim(claim, state.node, state.pod);
  return claimedNode === undefined ? state : { ...state, claimedNode };
}
