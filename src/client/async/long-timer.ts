import { asyncScheduler, type Observable, of, type SchedulerLike, switchMap, timer } from 'rxjs';

/** The longest that a timer of Node can wait, 24.8 days: a longer one would run out after 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** As rxjs's `timer`, for times that users and peers give: of any length. */
export function longTimer(milliseconds: number, scheduler: SchedulerLike = asyncScheduler): Observable<unknown> {
  if (milliseconds <= MAX_TIMER_MS) return timer(milliseconds, scheduler);
  const rest$ = of(milliseconds - MAX_TIMER_MS).pipe(switchMap((rest) => longTimer(rest, scheduler)));
  return timer(MAX_TIMER_MS, scheduler).pipe(switchMap(() => rest$));
}

/** As `setTimeout`, likewise. Returns what ends it. `start`: given by tests. */
export function longTimeout(
  done: () => void,
  milliseconds: number,
  start: (done: () => void, milliseconds: number) => NodeJS.Timeout = setTimeout,
): () => void {
  let timeout: NodeJS.Timeout;
  const wait = (rest: number) => {
    const part = Math.min(rest, MAX_TIMER_MS);
    timeout = start(() => (rest > part ? wait(rest - part) : done()), part);
  };
  wait(milliseconds);
  return () => clearTimeout(timeout);
}
