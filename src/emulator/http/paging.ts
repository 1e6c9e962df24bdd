/**
 * List envelopes. Paging is relative: the next page is requested with `PageToken=PA<last sid>`; a
 * later page without a token is refused, as TaskRouter refuses absolute paging.
 */
import { invalid, Refusal } from '../world/refusal.ts';
import { type Answer, type ApiContext, type Call, ok } from './api.ts';

const PAGE_SIZE = 50;
const PAGE_SIZE_MAX = 1_000;
const TOKENS_MAX = 10_000;

interface Item {
  readonly sid: string;
  readonly seq: number;
}

export interface Listing<T extends Item> {
  readonly key: string;
  readonly items: readonly T[];
  readonly view: (item: T) => unknown;
  readonly headers?: Record<string, string>;
}

export function list<T extends Item>(call: Call, site: ApiContext, listing: Listing<T>): Answer {
  const size = pageSize(call, site);
  const token = call.query.text('PageToken');
  const page = call.query.int('Page') ?? (token === undefined ? 0 : 1);
  if (page < 0) throw invalid('Invalid Page: it must not be negative');
  if (page > 0 && token === undefined)
    throw new Refusal(400, 40153, 'Absolute paging is not supported: use the PageToken');
  const { items } = listing;
  const start = token === undefined ? 0 : startOf(items, { token, size, site });
  const shown = items.slice(start, start + size);
  const [first, last] = [shown[0], shown.at(-1)];
  const more = start + size < items.length;
  const link = (number: number, item?: Item, kind = 'PA') =>
    address(call, site, { size, number, token: item && remember(site, kind, item) });
  return ok(
    {
      meta: {
        page,
        page_size: size,
        first_page_url: link(0),
        previous_page_url:
          page > 0 && first !== undefined && start > 0 ? link(page - 1, first, 'PB') : null,
        url: address(call, site, { size, number: page, token }),
        next_page_url: more && last !== undefined ? link(page + 1, last) : null,
        key: listing.key,
      },
      [listing.key]: shown.map(listing.view),
    },
    listing.headers,
  );
}

/** Above the documented maximum of 1000 it is clamped by default; the SDK does not clamp. */
function pageSize(call: Call, site: ApiContext): number {
  const size = call.query.int('PageSize') ?? PAGE_SIZE;
  if (size < 1) throw invalid(`Invalid PageSize '${size}': it must be at least 1`);
  if (size > PAGE_SIZE_MAX && site.engine.doubts.pageSizeAboveMax === 'refused')
    throw invalid(`Invalid PageSize '${size}': it must be at most ${PAGE_SIZE_MAX}`);
  return Math.min(size, PAGE_SIZE_MAX);
}

function startOf(
  items: readonly Item[],
  { token, size, site }: { token: string; size: number; site: ApiContext },
): number {
  const kind = token.slice(0, 2);
  const sid = token.slice(2);
  if (kind !== 'PA' && kind !== 'PB') throw badToken(token);
  const at = items.findIndex((item) => item.sid === sid);
  if (at >= 0) return kind === 'PA' ? at + 1 : Math.max(0, at - size);
  const seq = site.pageTokens.get(token);
  if (seq === undefined) throw badToken(token);
  // The item is gone: resume at the first one created after it (before it, if newest first).
  const newestFirst = (items[0]?.seq ?? 0) > (items.at(-1)?.seq ?? 0);
  const next = items.findIndex((item) => (newestFirst ? item.seq < seq : item.seq > seq));
  const from = next < 0 ? items.length : next;
  return kind === 'PA' ? from : Math.max(0, from - size);
}

function badToken(token: string): Refusal {
  return new Refusal(400, 21481, `Invalid PageToken '${token}'`);
}

function remember(site: ApiContext, kind: string, item: Item): string {
  const token = kind + item.sid;
  if (site.pageTokens.size >= TOKENS_MAX) site.pageTokens.clear();
  site.pageTokens.set(token, item.seq);
  return token;
}

/**
 * The request's filters come first, then PageSize, Page and the token, as in Twilio's own links.
 */
function address(
  call: Call,
  site: ApiContext,
  at: { size: number; number: number; token: string | undefined },
): string {
  const query = new URLSearchParams(
    call.query.entries().filter(([name]) => !['PageSize', 'Page', 'PageToken'].includes(name)),
  );
  query.append('PageSize', String(at.size));
  query.append('Page', String(at.number));
  if (at.token !== undefined) query.append('PageToken', at.token);
  return `${site.base()}${call.path}?${query.toString()}`;
}
