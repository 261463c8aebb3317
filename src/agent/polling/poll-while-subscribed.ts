import { defer, finalize, type Observable, ReplaySubject, repeat, share, timer } from 'rxjs';

/** Polls for as long as somebody watches. */
export interface PollSession<T> {
  /** One poll; it emits once, and completes. */
  poll(): Observable<T>;
  /** When the next one is due, in milliseconds from now: asked for when a poll has ended. */
  delayMs(): number;
  /** Nobody watches any more. */
  end(): void;
}

/**
 * Polls again and again, for all who subscribe together: the first begins a session, the last one to go ends it, and with
 * nobody there nothing is polled. Two polls never overlap. Who comes late gets the last poll's value at once.
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
