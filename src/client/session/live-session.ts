import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  delay,
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
  share,
  startWith,
  switchMap,
  take,
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

/** At most ten snapshots a second; fewer where building one is expensive: it may take a quarter of the time. */
const MIN_PAUSE_MS = 100;
const PAUSE_PER_COST = 3;
/** The first table ends a pause: nobody waits for rows longer than for an empty screen. Tables of other agents may come within this time. */
const FIRST_TABLE_MS = 10;
/** A snapshot comes at least this often, so that ages and states are current. */
const HEARTBEAT_MS = 1000;

/** The result of one correlation. */
export interface CorrelatedConnections {
  readonly connections: readonly Connection[];
  /** Incomplete connections that are not shown yet. */
  readonly held?: readonly Connection[];
  /** Correlate again after this time, even if nothing has changed. */
  readonly dueInMs?: number;
}

export type Correlate = (agents: readonly RegisteredAgent[], namesChanged: boolean) => CorrelatedConnections;

export interface LiveSessionOptions {
  readonly discovery: Discovery;
  readonly names: NameResolver;
  /** Correlates the agents' tables. Called when a table or an answer of `names` has changed. */
  readonly correlate: Correlate;
  /** Follows one agent; never errors. */
  readonly watch: (target: AgentTarget) => Observable<AgentEvent>;
  /** Hints for the operator about these agents. */
  readonly hints: (agents: readonly AgentState[]) => readonly CleanText[];
  /** The clock, for tests. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Watches all agents, as they come and go, and emits what they know together: first when discovery has answered, then
 * soon after every change and at least once a second. A lost agent's connections stay, marked stale, until it returns;
 * the connections of an agent that discovery no longer finds stay until another agent on its node has sent a whole table. Never errors.
 */
export function liveSnapshots(options: LiveSessionOptions): Observable<Snapshot> {
  const { scheduler = asyncScheduler } = options;
  return defer(() => {
    const registry = new AgentRegistry();
    const builder = new SnapshotBuilder(options, registry);
    const tables$ = new Subject<void>();
    const firstTable$ = tables$.pipe(
      take(1),
      delay(FIRST_TABLE_MS, scheduler),
      share({ resetOnComplete: false, resetOnRefCountZero: false }),
    );
    const changes$ = merge(
      agents(options, registry, scheduler).pipe(
        tap((event) => {
          builder.tablesChanged();
          if (event?.kind === 'table') tables$.next();
        }),
      ),
      options.names.changed$.pipe(tap(() => builder.namesChanged())),
      builder.dueInMs$.pipe(
        switchMap((ms) => timer(ms, scheduler)),
        tap(() => builder.tablesChanged()),
      ),
    ).pipe(
      // A heartbeat: a snapshot also when nothing has changed for a while.
      switchMap(() => timer(HEARTBEAT_MS, HEARTBEAT_MS, scheduler).pipe(startWith(0))),
    );
    return changes$.pipe(
      filter(() => registry.isDiscovered),
      throttle(() => merge(timer(builder.pauseMs, scheduler), firstTable$), { leading: true, trailing: true }),
      map(() => builder.build(scheduler.now())),
    );
  });
}

/** Emits when the registry has changed, with the event that changed it. */
function agents(
  options: LiveSessionOptions,
  registry: AgentRegistry,
  scheduler: SchedulerLike,
): Observable<AgentEvent | undefined> {
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
  /** Rebuild the connections after this time, even if nothing has changed. */
  readonly dueInMs$ = new Subject<number>();
  readonly #options: LiveSessionOptions;
  readonly #registry: AgentRegistry;
  #correlated: CorrelatedConnections = { connections: [] };
  #tablesChanged = false;
  #namesChanged = false;
  #namesPending: boolean;

  constructor(options: LiveSessionOptions, registry: AgentRegistry) {
    this.#options = options;
    this.#registry = registry;
    this.#namesPending = options.names.pending === true;
  }

  /** The next snapshot rebuilds the connections. */
  tablesChanged(): void {
    this.#tablesChanged = true;
  }

  namesChanged(): void {
    this.#namesChanged = true;
  }

  build(at: number): Snapshot {
    const began = performance.now();
    const { discovery, names, correlate, hints } = this.#options;
    if (this.#registry.expire(at)) this.#tablesChanged = true;
    if (this.#tablesChanged || this.#namesChanged) {
      const entries = [...this.#registry.entries];
      // These connections have the newest names, but earlier connections still have to be reported with them.
      if (this.#namesChanged) this.#namesPending = names.pending === true;
      this.#correlated = correlate(entries, this.#namesChanged);
      // Replaced agents are left out only after this pass, so that their connections are recognized. Nobody sees the
      // result of the pass with both: one node must not count twice.
      if (this.#registry.forgetReplaced()) this.#correlated = correlate([...this.#registry.entries], false);
      // Asking for a name may have started a look-up.
      if (names.pending === true) this.#namesPending = true;
      this.#tablesChanged = false;
      this.#namesChanged = false;
      if (this.#correlated.dueInMs !== undefined) this.dueInMs$.next(this.#correlated.dueInMs);
      // The only reader of these tables has read them: nobody needs the removed rows any more.
      for (const { table } of entries) table?.reclaim(table.version);
    }
    const { states, discoveryError, notices } = this.#registry;
    const { connections, held = [] } = this.#correlated;
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

/** Correlates the tables of a session's agents. `clock` is monotonic. */
export function correlateTables(names: NameResolver, clock: () => number = () => performance.now()): Correlate {
  const correlator = new Correlator();
  return (agents, namesChanged) => {
    const now = clock();
    const inputs = agents.flatMap(({ state, table }) =>
      table === undefined ? [] : [{ key: state.key, node: state.node, table, stale: state.status.kind !== 'live' }],
    );
    const watched = agents.flatMap(({ state: { node, status }, polls }) =>
      status.kind === 'unused' ? [] : [{ node, status: status.kind, polls }],
    );
    const connections = correlator.update(inputs, names, namesChanged, { agents: watched, now });
    const { held, dueAt } = correlator;
    return { connections, held, ...(dueAt === undefined ? {} : { dueInMs: Math.max(0, dueAt - now) }) };
  };
}
