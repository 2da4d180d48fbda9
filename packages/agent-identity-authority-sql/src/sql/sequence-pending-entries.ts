import { createHash } from 'node:crypto';
import type { SequencedEntries, SignAuditLog } from 'agent-identity-authority-core';
import {
  type EncodableAuditEntry,
  emptyLogEdge,
  encodeStoredEntry,
  type LogEdge,
  readLogEdge,
  type SequencedRows,
  sequenceRows,
  toPendingAuditRow,
} from 'agent-identity-authority-core/store';
import { and, eq, sql } from 'drizzle-orm';
import type { KeyCipher } from '../encryption/key-cipher.js';
import { selectRaw, toEntryRow } from './raw-rows.js';
import { auditCheckpoint, auditLog, auditPending, auditTiles, type PendingAuditRow } from './schema.js';
import type { SqlSession } from './sql-database.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

/** How many entries get their places in one transaction. */
const maxEntries = 2000;

const none: SequencedEntries = { count: 0, areMoreWaiting: false };

/**
 * Moves waiting entries into the log, in one transaction. The node that locks the row of the checkpoint works; others return at
 * once. If that node stops in the middle, its transaction ends with its connection, and another node goes on.
 */
export async function sequencePendingEntries(
  parts: SqlStoreParts,
  sign: SignAuditLog,
): Promise<SequencedEntries> {
  const { database, cipher } = parts;
  const [waiting] = await database.read((session) =>
    session.select({ id: auditPending.id }).from(auditPending).limit(1),
  );
  if (waiting === undefined) return none;
  return transactAndNotify(parts, async (session) => {
    const [checkpoint] = await session.select().from(auditCheckpoint).for('update', { skipLocked: true });
    if (checkpoint === undefined) return none;
    const pending = await readPending(session);
    if (pending.length === 0) return none;
    const edge = await readEdge(session, checkpoint.size);
    const sequenced = sequenceRows(
      edge,
      pending.map((row) => checkSeal(cipher, row)),
      sign,
    );
    await write(session, pending, sequenced);
    return { count: pending.length, areMoreWaiting: pending.length === maxEntries };
  });
}

function readEdge(session: SqlSession, size: number): Promise<LogEdge> | LogEdge {
  if (size === 0) return emptyLogEdge;
  return readLogEdge(size, async (level, index, width) => {
    const matches = and(eq(auditTiles.level, level), eq(auditTiles.tileIndex, index));
    const [tile] = await session.select().from(auditTiles).where(matches);
    if (tile === undefined || tile.hashes.length < width * 32) {
      throw new Error(`the audit log has lost the tile ${level}/${index}`);
    }
    return tile.hashes;
  });
}

/**
 * Returns the entry of a row, or an entry about it if no node wrote exactly this row: someone who can write to the database, but has
 * no master key, cannot bring in an entry unnoticed.
 */
function checkSeal(cipher: KeyCipher, { mac, ...row }: PendingAuditRow): EncodableAuditEntry {
  const encoded = encodeStoredEntry(row);
  if (cipher.isSealedEntry(encoded, mac)) return row;
  return toPendingAuditRow({
    at: Date.now(),
    actor: 'authority',
    action: 'audit_entry_tampered',
    details: {
      found_id: row.id.slice(0, 512),
      found_sha256: createHash('sha256').update(encoded).digest('hex'),
    },
  });
}

/** Without drizzle's mapping of rows, which takes longer than hashing them. */
async function readPending(session: SqlSession): Promise<PendingAuditRow[]> {
  const rows = await selectRaw(
    session,
    sql`select id, at, actor, action, agent_runtime_id, task_id, details, mac
      from ${auditPending} order by id limit ${maxEntries}`,
  );
  return rows.map((row) => ({ ...toEntryRow(row), mac: String(row[7]) }));
}

async function write(
  session: SqlSession,
  pending: readonly PendingAuditRow[],
  { rows, tiles, checkpoint }: SequencedRows,
): Promise<void> {
  const list = (values: readonly unknown[]) => sql.param(values);
  await session.execute(sql`
    insert into ${auditLog} (log_index, id, at, actor, action, agent_runtime_id, task_id, details)
    select * from unnest(
      ${list(rows.map(({ index }) => index))}::bigint[], ${list(rows.map(({ id }) => id))}::text[],
      ${list(rows.map(({ at }) => at))}::bigint[], ${list(rows.map(({ actor }) => actor))}::text[],
      ${list(rows.map(({ action }) => action))}::text[],
      ${list(rows.map(({ agentRuntimeId }) => agentRuntimeId))}::text[],
      ${list(rows.map(({ taskId }) => taskId))}::text[], ${list(rows.map(({ detailsJson }) => detailsJson))}::text[]
    )`);
  const ids = list(pending.map(({ id }) => id));
  await session.execute(sql`delete from ${auditPending} where id = any(${ids}::text[])`);
  await session
    .insert(auditTiles)
    .values(tiles.map(({ level, index, hashes }) => ({ level, tileIndex: index, hashes })))
    .onConflictDoUpdate({
      target: [auditTiles.level, auditTiles.tileIndex],
      set: { hashes: sql`excluded.hashes` },
    });
  await session.update(auditCheckpoint).set(checkpoint).where(eq(auditCheckpoint.id, 1));
}
