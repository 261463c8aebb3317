import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  filter,
  from,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  Subject,
  startWith,
  switchMap,
  takeUntil,
  tap,
  throttle,
  timer,
} from 'rxjs';
import type { AgentEvent } from '../agents/agent-event.ts';
import { AgentRegistry, type RegisteredAgent } from '../agents/agent-registry.ts';
import type { AgentTarget, Discovery } from '../agents/discovery.ts';
import { Correlator } from '../correlate/correlator.ts';
import { errorMessage } from '../format/error-message.ts';
import { type CleanText, cleanSentence } from '../format/sanitize.ts';
import type { AgentState } from '../model/agent.ts';
import type { Connection } from '../model/connection.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { NameResolver } from '../names/name-resolver.ts';

/** At most ten snapshots in a second; fewer where making one is expensive, so that it takes a quarter of the time at most. */
const MIN_PAUSE_MS = 100;
const PAUSE_PER_COST = 3;
/** Ages and states are reported again this often, whatever happens. */
const HEARTBEAT_MS = 1000;

/** What the agents' tables come to. */
export interface CorrelatedConnections {
  readonly connections: readonly Connection[];
  /** Halves that are held back. */
  readonly held?: readonly Connection[];
  /** After so many milliseconds it is to be asked again, though nothing may have changed. */
  readonly dueInMs?: number;
}

export type Correlate = (agents: readonly RegisteredAgent[], namesChanged: boolean) => CorrelatedConnections;

export interface LiveSessionOptions {
  readonly discovery: Discovery;
  readonly names: NameResolver;
  /** Makes connections of the agents' tables. Called when these changed, or what `names` answers. */
  readonly correlate: Correlate;
  /** Follows one agent; never errors. */
  readonly watch: (target: AgentTarget) => Observable<AgentEvent>;
  /** What the operator should know of these agents, and what to do about it. */
  readonly hints: (agents: readonly AgentState[]) => readonly CleanText[];
  /** The clock, for tests. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Watches all agents, as they come and go, and tells what they know together: first when discovery has answered, then
 * soon after every change and at least once a second. A lost agent's connections stay, marked stale, until it returns;
 * those of one that discovery no longer names, until another agent on its node has sent a whole table. Never errors.
 */
export function liveSnapshots(options: LiveSessionOptions): Observable<Snapshot> {
  const { scheduler = asyncScheduler } = options;
  return defer(() => {
    const registry = new AgentRegistry();
    const maker = new SnapshotBuilder(options, registry);
    const changes$ = merge(
      agents(options, registry, scheduler).pipe(tap(() => maker.tablesChanged())),
      options.names.changed$.pipe(tap(() => maker.namesChanged())),
      maker.dueInMs$.pipe(
        switchMap((ms) => timer(ms, scheduler)),
        tap(() => maker.tablesChanged()),
      ),
    ).pipe(
      // A beat comes when nothing else has for a while.
      switchMap(() => timer(HEARTBEAT_MS, HEARTBEAT_MS, scheduler).pipe(startWith(0))),
    );
    return changes$.pipe(
      filter(() => registry.isDiscovered),
      throttle(() => timer(maker.pauseMs, scheduler), { leading: true, trailing: true }),
      map(() => maker.make(scheduler.now())),
    );
  });
}

/** Emits when the roster has changed. */
function agents(options: LiveSessionOptions, registry: AgentRegistry, scheduler: SchedulerLike): Observable<unknown> {
  const gone = new Subject<string>();
  const watch = (target: AgentTarget) =>
    options.watch(target).pipe(
      takeUntil(gone.pipe(filter((key) => key === target.key))),
      tap((event) => registry.applyEvent(target.key, event, scheduler.now())),
    );
  return options.discovery.discovered$.pipe(
    catchError((error: unknown) => {
      registry.setDiscoveryError(cleanSentence(errorMessage(error)));
      return concat(of(undefined), NEVER);
    }),
    mergeMap((found) => {
      if (found === undefined) return of(undefined);
      const { fresh, left } = registry.setTargets(found, scheduler.now());
      for (const key of left) gone.next(key);
      return merge(of(undefined), from(fresh).pipe(mergeMap(watch)));
    }),
  );
}

class SnapshotBuilder {
  /** How long to wait after this snapshot before the next. */
  pauseMs = MIN_PAUSE_MS;
  /** When connections are to be rebuilt, though nothing may have changed. */
  readonly dueInMs$ = new Subject<number>();
  readonly #options: LiveSessionOptions;
  readonly #registry: AgentRegistry;
  #connected: CorrelatedConnections = { connections: [] };
  #tablesChanged = false;
  #namesChanged = false;
  #namesPending: boolean;

  constructor(options: LiveSessionOptions, registry: AgentRegistry) {
    this.#options = options;
    this.#registry = registry;
    this.#namesPending = options.names.pending === true;
  }

  /** Connections are to be rebuilt. */
  tablesChanged(): void {
    this.#tablesChanged = true;
  }

  namesChanged(): void {
    this.#namesChanged = true;
  }

  make(at: number): Snapshot {
    const began = performance.now();
    const { discovery, names, correlate, hints } = this.#options;
    if (this.#registry.expire(at)) this.#tablesChanged = true;
    if (this.#tablesChanged || this.#namesChanged) {
      const entries = [...this.#registry.entries];
      // Names that came since are in these connections, but those that were made before have yet to be reported.
      if (this.#namesChanged) this.#namesPending = names.pending === true;
      this.#connected = correlate(entries, this.#namesChanged);
      // Agents that were replaced are left out only now, so that connections are known to be the same. Nobody sees the
      // pass with both: one node must not count twice.
      if (this.#registry.forgetReplaced()) this.#connected = correlate([...this.#registry.entries], false);
      // To ask for a name may be what begins to look it up.
      if (names.pending === true) this.#namesPending = true;
      this.#tablesChanged = false;
      this.#namesChanged = false;
      if (this.#connected.dueInMs !== undefined) this.dueInMs$.next(this.#connected.dueInMs);
      // The one reader of these tables has read them: nobody needs the removed rows any more.
      for (const { table } of entries) table?.reclaim(table.version);
    }
    const { states, discoveryError, notices } = this.#registry;
    const { connections, held = [] } = this.#connected;
    const { servicesWithoutEndpoints = [], localGaps = [], notices: missingNames } = names;
    this.pauseMs = Math.max(MIN_PAUSE_MS, (performance.now() - began) * PAUSE_PER_COST);
    return {
      at,
      origin: discovery.origin,
      agents: states,
      connections,
      ...(held.length > 0 ? { held } : {}),
      notices: [...missingNames, ...notices, ...hints(states)],
      ...(missingNames.length > 0 ? { missingNames } : {}),
      ...(notices.length > 0 ? { agentNotices: notices } : {}),
      ...(this.#namesPending ? { namesPending: true } : {}),
      ...(servicesWithoutEndpoints.length > 0 ? { servicesWithoutEndpoints } : {}),
      ...(localGaps.length > 0 ? { localGaps } : {}),
      ...(discoveryError === undefined ? {} : { discoveryError }),
    };
  }
}

/** Joins the tables of a session's agents: what `session` calls to make connections. `clock` only goes forward. */
export function correlateTables(names: NameResolver, clock: () => number = () => performance.now()): Correlate {
  const join = new Correlator();
  return (agents, namesChanged) => {
    const now = clock();
    const inputs = agents.flatMap(({ state, table }) =>
      table === undefined ? [] : [{ key: state.key, node: state.node, table, stale: state.status.kind !== 'live' }],
    );
    const watched = agents.flatMap(({ state: { node, status }, polls }) =>
      status.kind === 'unused' ? [] : [{ node, status: status.kind, polls }],
    );
    const connections = join.update(inputs, names, namesChanged, { agents: watched, now });
    const { held, dueAt } = join;
    return { connections, held, ...(dueAt === undefined ? {} : { dueInMs: Math.max(0, dueAt - now) }) };
  };
}
