import { describeType } from 'agent-identity-core';
import type * as z from 'zod';
import { authorityError } from '../errors.js';
import type { Page, PageRequest } from './page.js';

/** A row's place in its list: what the list is ordered by. */
export type PagePlace = readonly (string | number)[];

/** A checked `PageRequest`: the place of the last row that was given, and how many rows to give. */
export interface PageStart<Place extends PagePlace> {
  readonly after: Place | undefined;
  readonly limit: number;
}

/**
 * Reads what `pageOf` wrote.
 *
 * @throws AgentIdentityError `invalid_cursor`, `invalid_argument` for the limit
 */
export function pageStart<Place extends PagePlace>(
  { cursor, limit = 100 }: PageRequest,
  place: z.ZodType<Place>,
): PageStart<Place> {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1000) {
    throw authorityError('invalid_argument', `limit: expected 1 to 1000, got ${describeType(limit)}`);
  }
  if (cursor === undefined) return { after: undefined, limit };
  const { success, data } = place.safeParse(parsedCursor(cursor));
  if (!success) {
    throw authorityError('invalid_cursor', 'The cursor is not one that an earlier page of this list gave.');
  }
  return { after: data, limit };
}

/** A page of rows that were asked for with one more than the limit, which tells whether there is a next page. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => PagePlace,
): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor =
    rows.length > limit && last !== undefined
      ? Buffer.from(JSON.stringify(placeOf(last))).toString('base64url')
      : null;
  return { items, nextCursor };
}

function parsedCursor(cursor: unknown): unknown {
  try {
    return JSON.parse(Buffer.from(String(cursor), 'base64url').toString());
  } catch {
    return undefined;
  }
}
