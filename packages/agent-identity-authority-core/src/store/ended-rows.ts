import { requireKnownOptions } from 'agent-identity-core/http';
import * as z from 'zod';
import { type EpochMilliseconds, requireInstants } from '../instant.js';
import { type PageRequest, readPageRequest } from './pagination.js';
import { isStorableText } from './storable-text.js';

/** Which ended rows to remove, and which part of the table to look at: one step of a walk through all rows by their ids. */
export interface EndedRowsQuery extends PageRequest {
  /** Removes what was revoked before this moment. */
  readonly revokedBefore: EpochMilliseconds;
  /** Also removes what was last used before this moment. Omit it if rows of this kind do not end by lack of use. */
  readonly unusedBefore?: EpochMilliseconds | undefined;
}

/** What one step did. */
export interface RemovedRows {
  readonly removed: number;
  /** The cursor of the next step; null after the last row. */
  readonly nextCursor: string | null;
}

/** How many rows of each kind a store has: exact for small tables, about right for large ones. */
export interface RowCounts {
  readonly agentRuntimes: number;
  readonly agentTasks: number;
  readonly runtimeAgentInstances: number;
  /** Entries in the audit log that were not pruned. */
  readonly auditEntries: number;
  /** Entries that wait for their place in the log. */
  readonly waitingAuditEntries: number;
}

const cursorSchema = z.array(z.string().refine(isStorableText)).min(1).max(2);

/**
 * Reads a step, for a store.
 *
 * @returns the ids after which the step starts, one for each column of the key; `undefined` for the first step
 * @throws AgentIdentityError `invalid_argument`, `invalid_cursor`
 * @example
 * ```ts
 * import { readEndedRowsQuery } from 'agent-identity-authority-core/store';
 *
 * const { after, limit } = readEndedRowsQuery({ revokedBefore: 1_776_902_400_000 }); // after === undefined, limit === 100
 * ```
 */
export function readEndedRowsQuery(query: EndedRowsQuery): {
  readonly after: readonly string[] | undefined;
  readonly limit: number;
} {
  requireKnownOptions(query, ['revokedBefore', 'unusedBefore', 'cursor', 'limit'], 'query');
  const { revokedBefore, unusedBefore = 0, cursor, limit } = query;
  requireInstants({ revokedBefore, unusedBefore });
  return readPageRequest({ cursor, limit }, cursorSchema);
}
