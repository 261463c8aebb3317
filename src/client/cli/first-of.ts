import { firstValueFrom, fromEvent, map, merge, type Observable } from 'rxjs';

/** The first value; rejects when the signal aborts before. Unsubscribes either way. */
export function firstOf<T>(values$: Observable<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted$ = fromEvent(signal, 'abort').pipe(
    map((): never => {
      throw signal.reason;
    }),
  );
  return firstValueFrom(merge(values$, aborted$));
}
