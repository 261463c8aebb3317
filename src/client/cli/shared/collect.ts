import {
  asyncScheduler,
  defer,
  firstValueFrom,
  fromEvent,
  last,
  map,
  merge,
  type Observable,
  of,
  type SchedulerLike,
  takeUntil,
  takeWhile,
} from 'rxjs';
import { longTimer } from '../../async/long-timer.ts';
import { formatDuration } from '../../format/numbers.ts';
import type { AgentInfo, AgentState } from '../../model/agent.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Session } from '../../session/session.ts';
import { Lateness } from './lateness.ts';

export interface CollectedSnapshot {
  /** Absent: discovery reported nothing in time. */
  readonly snapshot?: Snapshot;
  /** Agents whose table is not in it, or is older than was asked for, each with why. */
  readonly missing: readonly { readonly agent: AgentState; readonly why: string }[];
  /** Agents whose table is in it. */
  readonly received: number;
}

export interface CollectOptions {
  /** How many polls of each agent to wait for. */
  readonly polls: number;
  /** Wait for what each agent says of itself, too; `fresh`: what it says after so many polls. */
  readonly infos?: boolean | 'fresh';
  /** How long to wait at most; 0: for ever. */
  readonly timeoutMs: number;
  readonly scheduler?: SchedulerLike;
}

/** An agent that polls seldom is given the time of one poll, up to this. */
const MAX_INTERVAL_MS = 5_000;

/**
 * Waits until every agent that can be reached has reported so many polls, and emits once: the snapshot that has them.
 * Agents that are lost or stale are not waited for, silent ones not for longer than others needed; names are.
 */
export function collectSnapshot(
  snapshots$: Observable<Snapshot>,
  options: CollectOptions,
): Observable<CollectedSnapshot> {
  const { polls, infos = false, timeoutMs, scheduler = asyncScheduler } = options;
  const waited$ = defer(() => {
    const progress = new CollectProgress(polls, infos, timeoutMs === 0 ? undefined : new Lateness(scheduler.now()));
    return snapshots$.pipe(
      map((snapshot) => progress.take(snapshot, scheduler.now())),
      takeWhile(() => !progress.isComplete, true),
    );
  });
  const bounded$ = timeoutMs > 0 ? waited$.pipe(takeUntil(longTimer(timeoutMs, scheduler))) : waited$;
  return bounded$.pipe(
    last(null, new CollectProgress(polls, infos)),
    map((progress) => progress.gathered()),
  );
}

class CollectProgress {
  readonly #wanted: number;
  readonly #infos: boolean | 'fresh';
  /** What each agent said of itself when the last of its polls came that are waited for. */
  readonly #before = new Map<string, AgentInfo | undefined>();
  readonly #polls = new Map<string, { observedAt: number; count: number }>();
  #snapshot: Snapshot | undefined;
  /** Absent: all agents are waited for, as long as it may take. */
  readonly #lateness: Lateness | undefined;
  #now = 0;

  constructor(wanted: number, infos: boolean | 'fresh', lateness?: Lateness) {
    this.#wanted = wanted;
    this.#infos = infos;
    this.#lateness = lateness;
  }

  take(snapshot: Snapshot, now: number): this {
    this.#snapshot = snapshot;
    this.#now = now;
    for (const { key, poll, info } of snapshot.agents) {
      if (poll === undefined) continue;
      const seen = this.#polls.get(key);
      if (seen?.observedAt !== poll.observedAt)
        this.#polls.set(key, { observedAt: poll.observedAt, count: (seen?.count ?? 0) + 1 });
      if (!this.#before.has(key) && (this.#polls.get(key)?.count ?? 0) >= this.#wanted) this.#before.set(key, info);
    }
    const reported = snapshot.agents.filter((agent) => agent.status.kind === 'live' && this.#hasTold(agent)).length;
    this.#lateness?.observe(reported, now);
    return this;
  }

  get isComplete(): boolean {
    if (this.#snapshot === undefined) return false;
    const { agents, namesPending = false } = this.#snapshot;
    // Names of nothing are not waited for: it is better to say at once that nobody answers.
    const needsNames = agents.some((agent) => agent.flows !== undefined);
    return agents.every((agent) => this.#isSettled(agent)) && !(needsNames && namesPending);
  }

  #isSettled(agent: AgentState): boolean {
    switch (agent.status.kind) {
      case 'connecting':
        return this.#isLate(0);
      case 'live': {
        const interval = Math.min(MAX_INTERVAL_MS, (agent.poll?.intervalSeconds ?? 0) * 1000);
        return this.#hasTold(agent) || this.#isLate(this.#count(agent) >= this.#wanted ? 0 : interval);
      }
      default:
        return true;
    }
  }

  #hasTold(agent: AgentState): boolean {
    return this.#count(agent) >= this.#wanted && this.#hasSpoken(agent);
  }

  #isLate(more: number): boolean {
    return this.#lateness?.isLate(this.#now, more) ?? false;
  }

  #hasSpoken({ key, info }: AgentState): boolean {
    if (this.#infos === 'fresh') return info !== undefined && info !== this.#before.get(key);
    return !this.#infos || info !== undefined;
  }

  #count(agent: AgentState): number {
    return this.#polls.get(agent.key)?.count ?? 0;
  }

  gathered(): CollectedSnapshot {
    if (this.#snapshot === undefined) return { missing: [], received: 0 };
    const missing = this.#snapshot.agents.flatMap((agent) => {
      const why = this.#why(agent);
      return why === undefined ? [] : [{ agent, why }];
    });
    const received = this.#snapshot.agents.filter((agent) => agent.flows !== undefined).length;
    // Nobody waits for the other halves: what there is so far is shown.
    const { held = [], ...shown } = this.#snapshot;
    const snapshot = { ...shown, connections: held.length === 0 ? shown.connections : [...shown.connections, ...held] };
    return { snapshot, missing, received };
  }

  #why(agent: AgentState): string | undefined {
    const { status } = agent;
    if (status.kind === 'unused') return undefined;
    if (status.kind === 'stale' || status.kind === 'lost') return `${status.kind}: ${status.reason}`;
    const count = this.#count(agent);
    if (count >= this.#wanted && status.kind === 'live') return undefined;
    if (count === 0) return 'no answer yet';
    const interval = agent.poll?.intervalSeconds;
    const every = interval === undefined ? '' : ` (it polls every ${formatDuration(interval)})`;
    return `polled only ${count === 1 ? 'once' : `${count} times`} so far${every}`;
  }
}

/** Emits when the signal aborts, at once where it did before: what listens to its event alone waits for ever then. */
export function whenAborted(signal: AbortSignal): Observable<unknown> {
  return defer(() => (signal.aborted ? of(undefined) : fromEvent(signal, 'abort')));
}

/** The first value; rejects when the signal aborts before. Unsubscribes either way. */
export function firstValue<T>(values$: Observable<T>, signal: AbortSignal): Promise<T> {
  const aborted$ = whenAborted(signal).pipe(
    map((): never => {
      throw signal.reason;
    }),
  );
  return firstValueFrom(merge(aborted$, values$));
}

/** What a source knows, once each of its agents has reported so many polls; a recording knows it already. */
export function collectFrom(
  { snapshots$, first$, timeoutMs }: Session,
  wanted: { readonly polls: number; readonly infos?: boolean | 'fresh' },
): Observable<CollectedSnapshot> {
  return first$ === undefined
    ? collectSnapshot(snapshots$, { ...wanted, timeoutMs })
    : collectSnapshot(first$, { polls: 0, timeoutMs: 0 });
}
