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
import type { AgentLink } from './agent-link.ts';
import { Hearing, type HearingTerms, STALLED } from './liveness-monitor.ts';

/** The first answer must come within this time. */
const ANSWER_MS = 10_000;
/** A stream that is refused waits so long for GetAgent, which may tell more. */
const EXPLAIN_MS = 1_000;
/** GetAgent is asked again this often, for the kernel's counters. */
const ABOUT_EVERY_MS = 2_000;

/** Follows one stream until it ends, fails or no longer makes sense: always with an Error that says why. */
export function follow(link: AgentLink, scheduler: SchedulerLike, terms: HearingTerms): Observable<AgentEvent> {
  const about$ = link.about$.pipe(
    timeout({ first: ANSWER_MS, scheduler }),
    tap(({ maxEntries }) => {
      terms.share.maximum = maxEntries;
    }),
    map((about): AgentEvent => ({ kind: 'about', about })),
    catchError(() => EMPTY),
  );
  const firstAbout$ = about$.pipe(shareReplay(1));
  // An agent that has no table refuses the stream, and GetAgent tells more about why: hear that out before giving up.
  const messages$ = concat(link.messages$, fail('the agent ended the stream')).pipe(
    catchError((error: unknown) =>
      concat(
        firstAbout$.pipe(ignoreElements(), takeUntil(timer(EXPLAIN_MS, scheduler))),
        throwError(() => error),
      ),
    ),
  );
  const heard = new Hearing(terms);
  const first$ = firstAbout$.pipe(map((event) => [event]));
  const heard$ = merge(first$, messages$.pipe(map((message) => heard.take(message, scheduler.now())))).pipe(
    timeout({ first: ANSWER_MS, scheduler, with: () => fail(`no answer in ${ANSWER_MS / 1000} s`) }),
    switchMap((events) => concat(of(...events), silence(heard, scheduler))),
  );
  // That an agent answers GetAgent does not make up for polls that do not come, so it does not end a silence.
  const laterAbout$ = timer(ABOUT_EVERY_MS, ABOUT_EVERY_MS, scheduler).pipe(exhaustMap(() => about$));
  return merge(heard$, laterAbout$);
}

/** What comes when nothing comes. */
function silence(heard: Hearing, scheduler: SchedulerLike): Observable<AgentEvent> {
  const stale$ = timer(heard.patience, scheduler).pipe(map(() => heard.silence()));
  if (!heard.inSnapshot) return stale$;
  const stalled$ = timer(MAX_SNAPSHOT_STALL_MS, scheduler).pipe(switchMap(() => fail(STALLED)));
  return merge(stale$, stalled$);
}

export function fail(reason: string): Observable<never> {
  return throwError(() => new Error(reason));
}
