import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  mergeWith,
  type Observable,
  of,
  repeat,
  type SchedulerLike,
  switchMap,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import { errorMessage } from '../format/error-message.ts';
import { cleanSentence } from '../format/sanitize.ts';
import type { AgentStatus } from '../model/agent.ts';
import type { AgentEvent } from './agent-event.ts';
import type { AgentClient } from './agent-link.ts';
import { streamAgent, toStatusEvents } from './agent-stream.ts';
import type { AgentTarget } from './discovery.ts';
import { DROPPED_RETRY_MS, reconnectBackoff } from './reconnect-delay.ts';
import { RowBudget, TableDroppedError, TooManyRowsError } from './row-budget.ts';

/** The connection to the agent must be open within this time; a port-forward may have to wait for others. */
const DIAL_TIMEOUT_MS = 30_000;

export interface WatchAgentOptions {
  /** Opens a client: emits it, keeps it until it is unsubscribed, and errors when the connection breaks. */
  readonly open: (target: AgentTarget, asked: { readonly maxFlows?: number }) => Observable<AgentClient>;
  /** The rows of all agents. Default: only the limit of a single agent. */
  readonly budget?: RowBudget;
  /** The clock and the random numbers, for tests. */
  readonly scheduler?: SchedulerLike;
  readonly random?: () => number;
}

/**
 * Watches one agent for as long as it is subscribed: connects, follows its table, and connects again when that ends.
 * Never errors and never completes: a failure is a status. `connecting` is only the very first attempt; from then on an agent
 * that cannot be reached is `lost`, with the last reason, until it answers.
 */
export function watchAgent(target: AgentTarget, options: WatchAgentOptions): Observable<AgentEvent> {
  const { open, scheduler = asyncScheduler, random = Math.random } = options;
  const budget = options.budget ?? new RowBudget(Number.POSITIVE_INFINITY);
  return defer(() => {
    const backoff = reconnectBackoff(random);
    const share = budget.allocate();
    /** Ask for this many of the heaviest flows, once there were too many. */
    let maxFlows: number | undefined;
    /** The agent left nothing out of its last table. */
    let fits = false;
    const once$ = defer(() => {
      const asked = maxFlows === undefined ? {} : { maxFlows };
      return open(target, asked).pipe(
        timeout({
          first: DIAL_TIMEOUT_MS,
          scheduler,
          with: () => toStatusEvents(`could not connect to the agent within ${DIAL_TIMEOUT_MS / 1000}s`),
        }),
        switchMap((link) => streamAgent(link, scheduler, { share, ...asked })),
        mergeWith(share.dropped$.pipe(switchMap((rows) => throwError(() => new TableDroppedError(rows))))),
      );
    }).pipe(
      tap((event) => {
        if (event.kind === 'status' && event.status.kind === 'live') backoff.succeeded(scheduler.now());
        // A table that fits again is requested whole at the next connect.
        if (event.kind === 'table' && event.omitted === undefined) fits = true;
        if (event.kind === 'table' && event.omitted !== undefined) fits = false;
      }),
      catchError((error: unknown) => {
        // Many flows are no failure: ask for fewer, at once.
        if (error instanceof TooManyRowsError && (maxFlows === undefined || error.rows < maxFlows)) {
          maxFlows = error.rows;
          fits = false;
          return EMPTY;
        }
        if (error instanceof TableDroppedError) maxFlows = error.rows;
        else if (fits) maxFlows = undefined;
        const wait = error instanceof TableDroppedError ? DROPPED_RETRY_MS : backoff.failed(scheduler.now());
        const lost = {
          kind: 'lost',
          reason: cleanSentence(errorMessage(error)),
          retryAt: scheduler.now() + wait,
        } as const;
        return concat(of(status(lost)), timer(wait, scheduler).pipe(ignoreElements()));
      }),
    );
    const forgotten$ = share.dropped$.pipe(map((): AgentEvent => ({ kind: 'forgotten' })));
    return merge(forgotten$, concat(of(status({ kind: 'connecting' })), once$.pipe(repeat()))).pipe(
      filter(changedStatus()),
      finalize(() => share.release()),
    );
  });
}

function status(of: AgentStatus): AgentEvent {
  return { kind: 'status', status: of };
}

/** Passes a status only if it differs from the one before. */
function changedStatus(): (event: AgentEvent) => boolean {
  let last = '';
  return (event) => {
    if (event.kind !== 'status') return true;
    const text = JSON.stringify(event.status);
    const isNew = text !== last;
    last = text;
    return isNew;
  };
}
