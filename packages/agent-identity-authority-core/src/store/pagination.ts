import { describeType } from 'agent-identity-core';
import { parseJson, requireKnownOptions } from 'agent-identity-core/http';
import * as z from 'zod';
import { authorityError } from '../errors.js';
import { isStorableText } from './storable-text.js';

/** Which part of a list to return. */
export interface PageRequest {
  /** The `nextCursor` of the previous page; omit it for the first page. Opaque. */
  readonly cursor?: string | undefined;
  /** The maximum number of rows, 1 to 1000; 100 by default. */
  readonly limit?: number | undefined;
}

/** A part of a list. */
export interface Page<Row> {
  readonly items: readonly Row[];
  /** The cursor of the next page; null after the last row. */
  readonly nextCursor: string | null;
}

/** The values that a list is ordered by, for one row. */
export type CursorKey = readonly (string | number)[];

/** The key of a runtime or a task: its creation time, then its id. */
export const rowCursorSchema: z.ZodType<readonly [number, string]> = z.tuple([
  z.int(),
  z.string().refine(isStorableText),
]);

/** The key of an audit log row: its index. */
export const auditCursorSchema: z.ZodType<readonly [number]> = z.tuple([z.int()]);

/** A checked `PageRequest`: the key of the last row returned, and how many rows to return. */
export interface PageStart<Key extends CursorKey> {
  readonly after: Key | undefined;
  readonly limit: number;
}

/**
 * Reads a cursor that `toPage` made.
 *
 * @throws AgentIdentityError `invalid_cursor`, `invalid_argument` for the limit
 * @example
 * ```ts
 * import { readPageRequest, rowCursorSchema } from 'agent-identity-authority-core/store';
 *
 * const { after, limit } = readPageRequest({ limit: 10 }, rowCursorSchema); // after === undefined
 * ```
 */
export function readPageRequest<Key extends CursorKey>(
  request: PageRequest,
  keySchema: z.ZodType<Key>,
): PageStart<Key> {
  requireKnownOptions(request, ['cursor', 'limit'], 'page');
  const { cursor, limit = 100 } = request;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1000) {
    throw authorityError('invalid_argument', `limit: expected 1 to 1000, got ${describeType(limit)}`);
  }
  if (cursor === undefined) return { after: undefined, limit };
  const { success, data } = keySchema.safeParse(parseCursor(cursor));
  if (!success) {
    throw authorityError('invalid_cursor', 'The cursor does not come from an earlier page of this list.');
  }
  return { after: data, limit };
}

/**
 * Makes a page from `limit + 1` fetched rows: the extra row tells whether there is a next page.
 *
 * @example
 * ```ts
 * import { toPage } from 'agent-identity-authority-core/store';
 *
 * const page = toPage([{ index: 1 }, { index: 2 }], 1, ({ index }) => [index]);
 * // page.items is [{ index: 1 }], and page.nextCursor leads to the second row
 * ```
 */
export function toPage<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => CursorKey): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? toCursor(keyOf(last)) : null };
}

/**
 * Makes the cursor that `readPageRequest` reads, for a list whose rows are not fetched.
 *
 * @example
 * ```ts
 * import { toCursor } from 'agent-identity-authority-core/store';
 *
 * const cursor = toCursor(['agent-1', 'task-1']);
 * ```
 */
export function toCursor(lastKey: CursorKey): string {
  return Buffer.from(JSON.stringify(lastKey)).toString('base64url');
}

function parseCursor(cursor: unknown): unknown {
  return parseJson(Buffer.from(String(cursor), 'base64url').toString());
}
