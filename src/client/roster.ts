import type { FlowTable } from '../flow/flow-table.ts';
import type { AgentTarget, Discovered } from './discover/target.ts';
import { type CleanText, cleanText, sentence } from './format/sanitize.ts';
import type { AgentState } from './model.ts';
import type { AgentEvent } from './stream/agent-event.ts';

/** An agent and the replica of its table, which is absent until a whole one has come. */
export interface RosterEntry {
  readonly state: AgentState;
  readonly table?: FlowTable;
  /** How many whole polls it has told of. */
  readonly polls: number;
  /** Discovery does not name it any more, since then: what it saw last is kept. Unix time in milliseconds. */
  readonly goneAt?: number;
}

/** What an agent saw that is gone is kept for so long at most. */
const KEPT_MS = 15 * 60_000;

/** The agents that discovery knows, each with what its stream told last. In the order in which they were found. */
export class Roster {
  /** Discovery has told something. */
  discovered = false;
  /** Why the list of agents may be wrong or empty. */
  problem: CleanText | undefined;
  readonly #entries = new Map<string, RosterEntry>();

  get entries(): Iterable<RosterEntry> {
    return this.#entries.values();
  }

  get states(): readonly AgentState[] {
    return Array.from(this.#entries.values(), (entry) => entry.state);
  }

  /** Takes over what discovery found. Returns the agents to begin with, and the keys of those to leave. */
  discover(
    found: Discovered,
    now: number,
  ): { readonly fresh: readonly AgentTarget[]; readonly left: readonly string[] } {
    this.discovered = true;
    this.problem = found.problem;
    const targets = new Map(found.targets.map((target) => [target.key, target]));
    const left: string[] = [];
    for (const [key, entry] of this.#entries) {
      if (targets.has(key)) continue;
      if (entry.goneAt === undefined) left.push(key);
      if (entry.table === undefined) this.#entries.delete(key);
      else this.#entries.set(key, gone(entry, found.targets, now));
    }
    this.#keepLastOfEachNode();
    const fresh: AgentTarget[] = [];
    for (const target of targets.values()) {
      const known = this.#entries.get(target.key);
      if (known === undefined || known.goneAt !== undefined) fresh.push(target);
      const state = { status: { kind: 'connecting' } as const, ...known?.state, ...identity(target, known?.state) };
      const { table, polls = 0 } = known ?? {};
      this.#entries.set(target.key, { state, polls, ...(table === undefined ? {} : { table }) });
    }
    return { fresh, left };
  }

  /** Of the agents of a node that are gone, only the last is kept. */
  #keepLastOfEachNode(): void {
    const last = new Map<string, number>();
    for (const { state, goneAt = 0 } of this.#entries.values())
      last.set(state.node, Math.max(goneAt, last.get(state.node) ?? 0));
    for (const [key, { state, goneAt }] of this.#entries)
      if (goneAt !== undefined && goneAt < (last.get(state.node) ?? 0)) this.#entries.delete(key);
  }

  /** Drops what is kept of agents that are gone, where another on the same node has told of all. Returns whether there was any. */
  forgetReplaced(): boolean {
    const told = new Set<string>();
    for (const { state, table, goneAt } of this.#entries.values())
      if (goneAt === undefined && table !== undefined) told.add(state.node);
    return this.#forget(({ state }) => told.has(state.node));
  }

  /** Drops what is kept of agents that are gone for long. Returns whether there was any. */
  expire(now: number): boolean {
    return this.#forget(({ goneAt = now }) => now - goneAt > KEPT_MS);
  }

  #forget(isOver: (entry: RosterEntry) => boolean): boolean {
    const before = this.#entries.size;
    for (const [key, entry] of this.#entries)
      if (entry.goneAt !== undefined && isOver(entry)) this.#entries.delete(key);
    return this.#entries.size < before;
  }

  /** Discovery broke off: the agents stay as they are. */
  fail(problem: CleanText): void {
    this.discovered = true;
    this.problem = problem;
  }

  /** `now`: unix time in milliseconds. What comes of an agent that is gone is dropped. */
  fold(key: string, event: AgentEvent, now: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.goneAt !== undefined) return;
    const { state } = entry;
    switch (event.kind) {
      case 'status':
        this.#entries.set(key, { ...entry, state: { ...state, status: event.status } });
        return;
      case 'about': {
        const node = event.about.node === '' ? state.node : event.about.node;
        this.#entries.set(key, { ...entry, state: { ...answered(state, now), node, about: event.about } });
        return;
      }
      case 'heard':
        this.#entries.set(key, { ...entry, state: answered(state, now) });
        return;
      case 'table': {
        const { table, poll, old } = event;
        const told = {
          flows: table.size,
          ...(poll === undefined ? {} : { poll }),
          ...(old ? {} : { lastSeenAt: now }),
        };
        const polls = entry.polls + (old ? 0 : 1);
        this.#entries.set(key, { table, polls, state: { ...answered(state, now), ...told } });
      }
    }
  }
}

/** Why it is gone may become known later: first a pod is being deleted, then it is not there. */
function gone(entry: RosterEntry, targets: readonly AgentTarget[], now: number): RosterEntry {
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

/** An agent that answers without news makes its table, which it sent before, none the younger. */
function answered(state: AgentState, now: number): AgentState {
  return state.flows === undefined ? { ...state, lastSeenAt: now } : state;
}

/** The node's name: as the agent told it, else as discovery knows it, else the key. */
function identity(target: AgentTarget, known: AgentState | undefined) {
  const { key, namespace, pod } = target;
  const node = known?.about?.node || target.node || cleanText(key);
  return { key, node, ...(namespace === undefined ? {} : { namespace }), ...(pod === undefined ? {} : { pod }) };
}
