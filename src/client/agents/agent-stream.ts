import {
  catchError,
  concat,
  EMPTY,
  exhaustMap,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  type SchedulerLike,
  shareReplay,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import { MAX_SNAPSHOT_STALL_MS } from '../model/limits.ts';
import type { AgentEvent } from './agent-event.ts';
import type { AgentClient } from './agent-link.ts';
import { LivenessMonitor, type LivenessOptions, STALLED } from './liveness-monitor.ts';

/** The first answer must come within this time. */
const ANSWER_TIMEOUT_MS = 10_000;
/** When a stream is refused, wait this long for GetAgent, which may know the reason. */
const EXPLAIN_MS = 1_000;
/** How often to call GetAgent, for the kernel's counters. */
const INFO_INTERVAL_MS = 2_000;

/** Follows one stream until it ends, fails or becomes invalid: always with an Error that says why. */
export function streamAgent(
  link: AgentClient,
  scheduler: SchedulerLike,
  options: LivenessOptions,
): Observable<AgentEvent> {
  const info$ = link.info$.pipe(
    timeout({ first: ANSWER_TIMEOUT_MS, scheduler }),
    tap(({ maxEntries }) => {
      options.share.maximum = maxEntries;
    }),
    map((info): AgentEvent => ({ kind: 'info', info })),
    catchError(() => EMPTY),
  );
  const firstInfo$ = info$.pipe(shareReplay(1));
  // An agent without a table refuses the stream, and GetAgent has the reason: wait for it before giving up.
  const messages$ = concat(link.messages$, toStatusEvents('the agent ended the stream')).pipe(
    catchError((error: unknown) =>
      concat(
        firstInfo$.pipe(ignoreElements(), takeUntil(timer(EXPLAIN_MS, scheduler))),
        throwError(() => error),
      ),
    ),
  );
  const liveness = new LivenessMonitor(options);
  const first$ = firstInfo$.pipe(map((event) => [event]));
  const events$ = merge(first$, messages$.pipe(map((message) => liveness.take(message, scheduler.now())))).pipe(
    timeout({
      first: ANSWER_TIMEOUT_MS,
      scheduler,
      with: () => toStatusEvents(`timed out after ${ANSWER_TIMEOUT_MS / 1000}s`),
    }),
    switchMap((events) => concat(of(...events), silenceError(liveness, scheduler))),
  );
  // A reply to GetAgent does not replace missing polls, so it does not end a silence.
  const laterInfo$ = timer(INFO_INTERVAL_MS, INFO_INTERVAL_MS, scheduler).pipe(exhaustMap(() => info$));
  return merge(events$, laterInfo$);
}

/** Reports the agent as stale after a silence; fails when a snapshot stalls. */
function silenceError(liveness: LivenessMonitor, scheduler: SchedulerLike): Observable<AgentEvent> {
  const stale$ = timer(liveness.timeoutMs, scheduler).pipe(map(() => liveness.silence()));
  if (!liveness.inSnapshot) return stale$;
  const stalled$ = timer(MAX_SNAPSHOT_STALL_MS, scheduler).pipe(switchMap(() => toStatusEvents(STALLED)));
  return merge(stale$, stalled$);
}

export function toStatusEvents(reason: string): Observable<never> {
  return throwError(() => new Error(reason));
}
