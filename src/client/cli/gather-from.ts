import type { Observable } from 'rxjs';
import { type Gathered, gather } from './gather.ts';
import type { DataSource } from './source.ts';

/** What a source knows, once each of its agents has told of so many polls; a recording knows it already. */
export function gatherFrom(
  { snapshots$, moment$, timeoutMs }: DataSource,
  wanted: { readonly polls: number; readonly abouts?: boolean | 'fresh' },
): Observable<Gathered> {
  return moment$ === undefined
    ? gather(snapshots$, { ...wanted, timeoutMs })
    : gather(moment$, { polls: 0, timeoutMs: 0 });
}
