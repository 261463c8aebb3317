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
  throwError,
  timeout,
  timer,
} from 'rxjs';
import type { WatchMessage } from '../../wire/decode.ts';
import { cleanSentence, sentence } from '../format/sanitize.ts';
import type { AgentStatus } from '../model.ts';
import type { AgentEvent } from './agent-event.ts';
import type { AgentLink } from './agent-link.ts';
import { cleanPoll } from './clean-agent.ts';
import { Replica } from './replica.ts';

/** The first answer must come within this time. */
const ANSWER_MS = 10_000;
/** A stream that is refused waits so long for GetAgent, which may tell more. */
const EXPLAIN_MS = 1_000;
/** GetAgent is asked again this often, for the kernel's counters. */
const ABOUT_EVERY_MS = 2_000;
/** Silence of three intervals, but at least of this time, makes an agent stale. */
const SILENCE_MS = 4_000;

/** Follows one stream until it ends, fails or no longer makes sense: always with an Error that says why. */
export function follow(link: AgentLink, scheduler: SchedulerLike): Observable<AgentEvent> {
  const about$ = link.about$.pipe(
    timeout({ first: ANSWER_MS, scheduler }),
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
  const heard = new Hearing();
  const first$ = firstAbout$.pipe(map((event) => [event]));
  const heard$ = merge(first$, messages$.pipe(map((message) => heard.take(message)))).pipe(
    timeout({ first: ANSWER_MS, scheduler, with: () => fail(`no answer in ${ANSWER_MS / 1000} s`) }),
    switchMap((events) => concat(of(...events), timer(heard.patience, scheduler).pipe(map(() => heard.silence())))),
  );
  // That an agent answers GetAgent does not make up for polls that do not come, so it does not end a silence.
  const laterAbout$ = timer(ABOUT_EVERY_MS, ABOUT_EVERY_MS, scheduler).pipe(exhaustMap(() => about$));
  return merge(heard$, laterAbout$);
}

/** Turns messages, and their absence, into events. */
class Hearing {
  /** Milliseconds of silence after which the agent is stale. */
  patience = SILENCE_MS;
  readonly #replica = new Replica();
  #whole = false;

  take(message: WatchMessage): AgentEvent[] {
    const folded = this.#replica.fold(message);
    if (folded.kind === 'broken') throw new Error(`${folded.reason}; the table is read anew`);
    if (folded.kind === 'partial') return [{ kind: 'heard' }];
    this.#whole = true;
    const { poll, pollError } = message;
    if (poll !== undefined) this.patience = Math.max(SILENCE_MS, poll.intervalSeconds * 3000);
    const status: AgentStatus =
      pollError === undefined ? { kind: 'live' } : { kind: 'stale', reason: cleanSentence(pollError) };
    return [
      {
        kind: 'table',
        table: folded.table,
        ...(poll === undefined ? {} : { poll: cleanPoll(poll) }),
        ...(pollError === undefined ? {} : { old: true }),
      },
      { kind: 'status', status },
    ];
  }

  silence(): AgentEvent {
    const seconds = Math.round(this.patience / 1000);
    const reason = this.#whole
      ? sentence`nothing came for ${seconds} s`
      : sentence`it answers, but sent no table in ${seconds} s`;
    return { kind: 'status', status: { kind: 'stale', reason } };
  }
}

export function fail(reason: string): Observable<never> {
  return throwError(() => new Error(reason));
}
