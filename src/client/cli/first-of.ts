import { defer, firstValueFrom, fromEvent, map, merge, type Observable, of } from 'rxjs';

/** Emits when the signal aborts, at once where it did before: what listens to its event alone waits for ever then. */
export function aborted(signal: AbortSignal): Observable<unknown> {
  return defer(() => (signal.aborted ? of(undefined) : fromEvent(signal, 'abort')));
}

/** The first value; rejects when the signal aborts before. Unsubscribes either way. */
export function firstOf<T>(values$: Observable<T>, signal: AbortSignal): Promise<T> {
  const aborted$ = aborted(signal).pipe(
    map((): never => {
      throw signal.reason;
    }),
  );
  return firstValueFrom(merge(aborted$, values$));
}
