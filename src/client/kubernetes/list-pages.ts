import { API_PAGE_ITEMS, MAX_API_ITEMS, MAX_API_TOKEN_LENGTH } from '../model/limits.ts';
import type { ListPage } from './api-request.ts';
import { KubeError } from './errors.ts';

export interface PageLimits {
  /** The maximum of all pages together. */
  readonly items: number;
  /** Objects per page: if a page is too large, the next of these is used. */
  readonly perPage: readonly number[];
}

const LIMITS: PageLimits = { items: MAX_API_ITEMS, perPage: API_PAGE_ITEMS };

/**
 * Reads a list to its end, with limits for any server: each page must bring an object and a new token, and all pages together
 * at most `limits.items`, in at most as many pages as these fill. Resolves with the version of the list.
 */
export async function readPages(
  read: (limit: number, next: string) => Promise<ListPage>,
  resource: string,
  take: (objects: readonly unknown[]) => void,
  limits: PageLimits = LIMITS,
): Promise<string> {
  const endless = () => new KubeError('other', `the API server's list of ${resource} does not end`);
  let [limit = 1, ...smaller] = limits.perPage;
  let next = '';
  let items = 0;
  let pages = 0;
  for (;;) {
    let page: ListPage;
    try {
      page = await read(limit, next);
    } catch (error) {
      const fewer = smaller.shift();
      if (!(error instanceof KubeError) || error.code !== 'too-large' || fewer === undefined) throw error;
      limit = fewer;
      continue;
    }
    items += page.items.length;
    pages++;
    if (items > limits.items)
      throw new KubeError('other', `the API server's list of ${resource} has more than ${limits.items} objects`);
    take(page.items);
    if (page.next === '') return page.version;
    const isStuck = page.next === next || page.items.length === 0 || page.next.length > MAX_API_TOKEN_LENGTH;
    // A server may fill its pages less than requested, but not almost empty.
    if (isStuck || pages * limit > limits.items) throw endless();
    next = page.next;
  }
}
