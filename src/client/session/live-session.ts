import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  filter,
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
import { Roster, type RosterEntry } from '../agents/agent-registry.ts';
import type { AgentTarget, Discovery } from '../agents/discovery.ts';
import { Join } from '../correlate/correlator.ts';
import { thrownWords } from '../format/error-message.ts';
import { type CleanText, cleanSentence } from '../format/sanitize.ts';
import type { AgentState } from '../model/agent.ts';
import type { Connection } from '../model/connection.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Names } from '../names/name-resolver.ts';

/** At most ten snapshots in a second; fewer where making one is dear, so that it takes a quarter of the time at most. */
const PAUSE_MS = 100;
const PAUSE_PER_COST = 3;
/** Ages and states are told anew this often, whatever happens. */
const BEAT_MS = 1000;

/** What the agents' tables come to. */
export interface Connected {
  readonly connections: readonly Connection[];
  /** Halves that are held back. */
  readonly held?: readonly Connection[];
  /** After so many milliseconds it is to be asked again, though nothing may have changed. */
  readonly dueInMs?: number;
}

export type Connect = (agents: readonly RosterEntry[], namesChanged: boolean) => Connected;

export interface SessionOptions {
  readonly discovery: Discovery;
  readonly names: Names;
  /** Makes connections of the agents' tables. Called when these changed, or what `names` answers. */
  readonly connect: Connect;
  /** Follows one agent; never errors. */
  readonly watch: (target: AgentTarget) => Observable<AgentEvent>;
  /** What the operator should know of these agents, and what to do about it. */
  readonly advise: (agents: readonly AgentState[]) => readonly CleanText[];
  /** The clock, for tests. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Watches all agents, as they come and go, and tells what they know together: first when discovery has answered, then
 * soon after every change and at least once a second. A lost agent's connections stay, marked stale, until it returns;
 * those of one that discovery no longer names, until another agent on its node has told of all. Never errors.
 */
export function session(options: SessionOptions): Observable<Snapshot> {
  const { scheduler = asyncScheduler } = options;
  return defer(() => {
    const roster = new Roster();
    const maker = new SnapshotMaker(options, roster);
    const changes$ = merge(
      agents(options, roster, scheduler).pipe(tap(() => maker.tablesChanged())),
      options.names.changed$.pipe(tap(() => maker.namesChanged())),
      maker.dueInMs$.pipe(
        switchMap((ms) => timer(ms, scheduler)),
        tap(() => maker.tablesChanged()),
      ),
    ).pipe(
      // A beat comes when nothing else has for a while.
      switchMap(() => timer(BEAT_MS, BEAT_MS, scheduler).pipe(startWith(0))),
    );
    return changes$.pipe(
      filter(() => roster.discovered),
      throttle(() => timer(maker.pauseMs, scheduler), { leading: true, trailing: true }),
      map(() => maker.make(scheduler.now())),
    );
  });
}

/** Emits when the roster has changed. */
function agents(options: SessionOptions, roster: Roster, scheduler: SchedulerLike): Observable<unknown> {
  const gone = new Subject<string>();
  const watch = (target: AgentTarget) =>
    options.watch(target).pipe(
      takeUntil(gone.pipe(filter((key) => key === target.key))),
      tap((event) => roster.fold(target.key, event, scheduler.now())),
    );
  return options.discovery.discovered$.pipe(
    catchError((error: unknown) => {
      roster.fail(cleanSentence(thrownWords(error)));
      return concat(of(undefined), NEVER);
    }),
    mergeMap((found) => {
      if (found === undefined) return of(undefined);
      const { fresh, left } = roster.discover(found, scheduler.now());
      for (const key of left) gone.next(key);
      return merge(of(undefined), ...fresh.map(watch));
    }),
  );
}

class SnapshotMaker {
  /** How long to wait after this snapshot before the next. */
  pauseMs = PAUSE_MS;
  /** When connections are to be made anew, though nothing may have changed. */
  readonly dueInMs$ = new Subject<number>();
  readonly #options: SessionOptions;
  readonly #roster: Roster;
  #connected: Connected = { connections: [] };
  #tablesChanged = false;
  #namesChanged = false;
  #namesPending: boolean;

  constructor(options: SessionOptions, roster: Roster) {
    this.#options = options;
    this.#roster = roster;
    this.#namesPending = options.names.pending === true;
  }

  /** Connections are to be made anew. */
  tablesChanged(): void {
    this.#tablesChanged = true;
  }

  namesChanged(): void {
    this.#namesChanged = true;
  }

  make(at: number): Snapshot {
    const began = performance.now();
    const { discovery, names, connect, advise } = this.#options;
    if (this.#roster.expire(at)) this.#tablesChanged = true;
    if (this.#tablesChanged || this.#namesChanged) {
      const entries = [...this.#roster.entries];
      // Names that came since are in these connections, but those that were made before have yet to be told.
      if (this.#namesChanged) this.#namesPending = names.pending === true;
      this.#connected = connect(entries, this.#namesChanged);
      // Agents that were replaced are left out only now, so that connections are known to be the same. Nobody sees the
      // pass with both: one node must not count twice.
      if (this.#roster.forgetReplaced()) this.#connected = connect([...this.#roster.entries], false);
      // To ask for a name may be what begins to look it up.
      if (names.pending === true) this.#namesPending = true;
      this.#tablesChanged = false;
      this.#namesChanged = false;
      if (this.#connected.dueInMs !== undefined) this.dueInMs$.next(this.#connected.dueInMs);
      // The one reader of these tables has read them: nobody needs the removed rows any more.
      for (const { table } of entries) table?.reclaim(table.version);
    }
    const { states, problem, notices } = this.#roster;
    const { connections, held = [] } = this.#connected;
    const { idleServices = [], localGaps = [], notices: missingNames } = names;
    this.pauseMs = Math.max(PAUSE_MS, (performance.now() - began) * PAUSE_PER_COST);
    return {
      at,
      origin: discovery.origin,
      agents: states,
      connections,
      ...(held.length > 0 ? { held } : {}),
      notices: [...missingNames, ...notices, ...advise(states)],
      ...(missingNames.length > 0 ? { missingNames } : {}),
      ...(notices.length > 0 ? { agentNotices: notices } : {}),
      ...(this.#namesPending ? { namesPending: true } : {}),
      ...(idleServices.length > 0 ? { idleServices } : {}),
      ...(localGaps.length > 0 ? { localGaps } : {}),
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

/** Joins the tables of a session's agents: what `session` calls to make connections. `clock` only goes forward. */
export function joinTables(names: Names, clock: () => number = () => performance.now()): Connect {
  const join = new Join();
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
