import { asyncScheduler, type Observable, of, type SchedulerLike, switchMap, timer } from 'rxjs';

/** The longest timer of Node, 24.8 days: a longer one would fire after 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** As rxjs's `timer`, but of any length, because users and peers choose the time. */
export function longTimer(milliseconds: number, scheduler: SchedulerLike = asyncScheduler): Observable<unknown> {
  if (milliseconds <= MAX_TIMER_MS) return timer(milliseconds, scheduler);
  const rest$ = of(milliseconds - MAX_TIMER_MS).pipe(switchMap((rest) => longTimer(rest, scheduler)));
  return timer(MAX_TIMER_MS, scheduler).pipe(switchMap(() => rest$));
}

/** As `setTimeout`, also of any length. Returns a function that cancels it. `start`: set by tests. */
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
