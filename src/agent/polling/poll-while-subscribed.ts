import { defer, finalize, type Observable, ReplaySubject, repeat, share, timer } from 'rxjs';

/** A polling session. It runs while there are subscribers. */
export interface PollSession<T> {
  /** Polls once. Emits one value and completes. */
  poll(): Observable<T>;
  /** Returns the milliseconds until the next poll. Called after each poll. */
  delayMs(): number;
  /** Called when the last subscriber has left. */
  end(): void;
}

/**
 * Polls repeatedly for all subscribers together. The first subscriber begins a session, and the last one to leave ends it;
 * without subscribers there are no polls. Polls never overlap. A late subscriber gets the last poll's value at once.
 */
export function pollWhileSubscribed<T>(startSession: () => PollSession<T>): Observable<T> {
  return defer(() => {
    const session = startSession();
    return defer(() => session.poll()).pipe(
      repeat({ delay: () => timer(session.delayMs()) }),
      finalize(() => session.end()),
    );
  }).pipe(share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: true }));
}
