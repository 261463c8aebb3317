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
import { GracePeriod } from './grace-period.ts';

export interface CollectedSnapshot {
  /** Absent: discovery reported nothing in time. */
  readonly snapshot?: Snapshot;
  /** Agents whose table is not in it, or is older than requested, each with the reason. */
  readonly missing: readonly { readonly agent: AgentState; readonly why: string }[];
  /** Agents whose table is in it. */
  readonly received: number;
}

export interface CollectOptions {
  /** How many polls of each agent to wait for. */
  readonly polls: number;
  /** Also wait for each agent's information about itself; `fresh`: for what it sends after the last of these polls. */
  readonly infos?: boolean | 'fresh';
  /** The longest time to wait; 0: no limit. */
  readonly timeoutMs: number;
  readonly scheduler?: SchedulerLike;
}

/** An agent that polls rarely gets the time of one poll, up to this. */
const MAX_INTERVAL_MS = 5_000;

/**
 * Waits until every reachable agent has reported this many polls, and emits once: the snapshot that has them.
 * It does not wait for lost or stale agents, and for silent agents only during a grace period. It does wait for names.
 */
export function collectSnapshot(
  snapshots$: Observable<Snapshot>,
  options: CollectOptions,
): Observable<CollectedSnapshot> {
  const { polls, infos = false, timeoutMs, scheduler = asyncScheduler } = options;
  const waited$ = defer(() => {
    const progress = new CollectProgress(polls, infos, timeoutMs === 0 ? undefined : new GracePeriod(scheduler.now()));
    return snapshots$.pipe(
      map((snapshot) => progress.take(snapshot, scheduler.now())),
      takeWhile(() => !progress.isComplete, true),
    );
  });
  const bounded$ = timeoutMs > 0 ? waited$.pipe(takeUntil(longTimer(timeoutMs, scheduler))) : waited$;
  return bounded$.pipe(
    last(null, new CollectProgress(polls, infos)),
    map((progress) => progress.result()),
  );
}

class CollectProgress {
  readonly #wanted: number;
  readonly #infos: boolean | 'fresh';
  /** Each agent's information about itself when the last of the awaited polls came. */
  readonly #before = new Map<string, AgentInfo | undefined>();
  readonly #polls = new Map<string, { observedAt: number; count: number }>();
  #snapshot: Snapshot | undefined;
  /** Absent: wait for all agents without a limit. */
  readonly #gracePeriod: GracePeriod | undefined;
  #now = 0;

  constructor(wanted: number, infos: boolean | 'fresh', gracePeriod?: GracePeriod) {
    this.#wanted = wanted;
    this.#infos = infos;
    this.#gracePeriod = gracePeriod;
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
    const reported = snapshot.agents.filter((agent) => agent.status.kind === 'live' && this.#hasReported(agent)).length;
    this.#gracePeriod?.observe(reported, now);
    return this;
  }

  get isComplete(): boolean {
    if (this.#snapshot === undefined) return false;
    const { agents, namesPending = false } = this.#snapshot;
    // Without any flow there is nothing to name: report at once that no agent has data.
    const needsNames = agents.some((agent) => agent.flows !== undefined);
    return agents.every((agent) => this.#isComplete(agent)) && !(needsNames && namesPending);
  }

  #isComplete(agent: AgentState): boolean {
    switch (agent.status.kind) {
      case 'connecting':
        return this.#isLate(0);
      case 'live': {
        const interval = Math.min(MAX_INTERVAL_MS, (agent.poll?.intervalSeconds ?? 0) * 1000);
        return this.#hasReported(agent) || this.#isLate(this.#count(agent) >= this.#wanted ? 0 : interval);
      }
      default:
        return true;
    }
  }

  #hasReported(agent: AgentState): boolean {
    return this.#count(agent) >= this.#wanted && this.#hasInfo(agent);
  }

  #isLate(more: number): boolean {
    return this.#gracePeriod?.isOver(this.#now, more) ?? false;
  }

  #hasInfo({ key, info }: AgentState): boolean {
    if (this.#infos === 'fresh') return info !== undefined && info !== this.#before.get(key);
    return !this.#infos || info !== undefined;
  }

  #count(agent: AgentState): number {
    return this.#polls.get(agent.key)?.count ?? 0;
  }

  result(): CollectedSnapshot {
    if (this.#snapshot === undefined) return { missing: [], received: 0 };
    const missing = this.#snapshot.agents.flatMap((agent) => {
      const why = this.#why(agent);
      return why === undefined ? [] : [{ agent, why }];
    });
    const received = this.#snapshot.agents.filter((agent) => agent.flows !== undefined).length;
    // Nobody waits for the missing hops: incomplete connections are shown now.
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

/** Emits when the signal aborts, and at once if it has aborted already: its event alone would then never come. */
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

/** A session's snapshot once each agent has reported this many polls; the first one of a recording. */
export function collectFrom(
  { snapshots$, first$, timeoutMs }: Session,
  wanted: { readonly polls: number; readonly infos?: boolean | 'fresh' },
): Observable<CollectedSnapshot> {
  return first$ === undefined
    ? collectSnapshot(snapshots$, { ...wanted, timeoutMs })
    : collectSnapshot(first$, { polls: 0, timeoutMs: 0 });
}
