import type { FlowTable } from '../flow/flow-table.ts';
import type { AgentTarget, Discovered } from './discover/target.ts';
import type { AgentState } from './model.ts';
import type { AgentEvent } from './stream/agent-event.ts';

/** An agent and the replica of its table, which is absent until a whole one has come. */
export interface RosterEntry {
  readonly state: AgentState;
  readonly table?: FlowTable;
}

/** The agents that discovery knows, each with what its stream told last. In the order in which they were found. */
export class Roster {
  /** Discovery has told something. */
  discovered = false;
  /** Why the list of agents may be wrong or empty. */
  problem: string | undefined;
  readonly #entries = new Map<string, RosterEntry>();

  get entries(): Iterable<RosterEntry> {
    return this.#entries.values();
  }

  get states(): readonly AgentState[] {
    return Array.from(this.#entries.values(), (entry) => entry.state);
  }

  /** Takes over what discovery found. Returns the agents to begin with, and the keys of those to leave. */
  discover(found: Discovered): { readonly fresh: readonly AgentTarget[]; readonly left: readonly string[] } {
    this.discovered = true;
    this.problem = found.problem;
    const targets = new Map(found.targets.map((target) => [target.key, target]));
    const left = [...this.#entries.keys()].filter((key) => !targets.has(key));
    for (const key of left) this.#entries.delete(key);
    const fresh: AgentTarget[] = [];
    for (const target of targets.values()) {
      const known = this.#entries.get(target.key);
      if (known === undefined) fresh.push(target);
      const state = { status: { kind: 'connecting' } as const, ...known?.state, ...identity(target, known?.state) };
      this.#entries.set(target.key, { ...known, state });
    }
    return { fresh, left };
  }

  /** Discovery broke off: the agents stay as they are. */
  fail(problem: string): void {
    this.discovered = true;
    this.problem = problem;
  }

  /** `now`: unix time in milliseconds. What comes of an agent that is gone is dropped. */
  fold(key: string, event: AgentEvent, now: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
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
        this.#entries.set(key, { table, state: { ...answered(state, now), ...told } });
      }
    }
  }
}

/** An agent that answers without news makes its table, which it sent before, none the younger. */
function answered(state: AgentState, now: number): AgentState {
  return state.flows === undefined ? { ...state, lastSeenAt: now } : state;
}

/** The node's name: as the agent told it, else as discovery knows it, else the key. */
function identity(target: AgentTarget, known: AgentState | undefined) {
  const { key, namespace, pod } = target;
  const node = known?.about?.node || target.node || key;
  return { key, node, ...(namespace === undefined ? {} : { namespace }), ...(pod === undefined ? {} : { pod }) };
}
