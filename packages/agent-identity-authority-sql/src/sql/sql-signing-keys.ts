import type {
  ChangeOrigin,
  EpochMilliseconds,
  SigningKeyStore,
  StoredSigningKey,
} from 'agent-identity-authority-core';
import { auditedChange, requireStorableSigningKey } from 'agent-identity-authority-core/store';
import { asc, eq, gt, isNull, ne, or } from 'drizzle-orm';
import { signingKeys } from './schema.js';
import { appendAuditRow, lockAuditHead } from './sql-audit-log.js';
import type { SqlSession } from './sql-database.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

type SigningKeyRow = typeof signingKeys.$inferSelect;

const keysChanged = { kind: 'signing_keys_changed' } as const;

/** Every change of signing keys locks the head of the audit log first, so there is one change at a time on all nodes. */
export function createSqlSigningKeys(parts: SqlStoreParts): SigningKeyStore {
  const { database, cipher } = parts;
  const insert = async (session: SqlSession, key: StoredSigningKey, rows: readonly SigningKeyRow[]) => {
    const { privateKey: _, ...columns } = key;
    const position = Math.max(0, ...rows.map((row) => row.position)) + 1;
    await session.insert(signingKeys).values({ ...columns, ...cipher.encrypt(key), position });
  };
  return {
    async listSigningKeys() {
      const rows = await database.read(selectKeys);
      return rows.map(({ position, masterKeyId, encryptedPrivateKey, ...columns }) => ({
        ...columns,
        privateKey: cipher.decrypt({ ...columns, masterKeyId, encryptedPrivateKey }),
      }));
    },
    addFirstSigningKey: async (key, origin) => {
      requireStorableSigningKey(key);
      await transactAndNotify(parts, async (session, notify) => {
        await lockAuditHead(session);
        const rows = await selectKeys(session);
        if (rows.length > 0) return;
        await insert(session, key, rows);
        await notify(keysChanged);
        await appendAuditRow(session, auditedChange.signingKeyAdded(key, null, origin));
      });
    },
    rotateSigningKey: async (key, othersPublishedUntil, origin) => {
      requireStorableSigningKey(key);
      await transactAndNotify(parts, async (session, notify) => {
        await lockAuditHead(session);
        const rows = await selectKeys(session);
        if (rows.some(({ kid }) => kid === key.kid)) return;
        await session
          .update(signingKeys)
          .set({ publishedUntil: othersPublishedUntil })
          .where(
            or(isNull(signingKeys.publishedUntil), gt(signingKeys.publishedUntil, othersPublishedUntil)),
          );
        await insert(session, key, rows);
        await notify(keysChanged);
        await appendAuditRow(session, auditedChange.signingKeyAdded(key, othersPublishedUntil, origin));
        await reencryptKeys(parts, session, key.createdAt, origin);
      });
    },
    ...createOldKeyMethods(parts),
  };
}

function createOldKeyMethods(
  parts: SqlStoreParts,
): Pick<SigningKeyStore, 'retireSigningKey' | 'reencryptSigningKeys'> {
  return {
    retireSigningKey: (kid, publishedUntil, at, origin) =>
      transactAndNotify(parts, async (session, notify) => {
        await lockAuditHead(session);
        const row = (await selectKeys(session)).find((one) => one.kid === kid);
        if (row === undefined) return 'unknown';
        if (row.publishedUntil === null) return 'in_use';
        if (row.publishedUntil <= publishedUntil) return 'retired';
        await session.update(signingKeys).set({ publishedUntil }).where(eq(signingKeys.kid, kid));
        await notify(keysChanged);
        await appendAuditRow(session, auditedChange.signingKeyRetired(kid, publishedUntil, at, origin));
        return 'retired';
      }),
    reencryptSigningKeys: (at, origin) =>
      transactAndNotify(parts, async (session) => {
        await lockAuditHead(session);
        return reencryptKeys(parts, session, at, origin);
      }),
  };
}

/** Re-encrypts the keys that another master key has encrypted. */
async function reencryptKeys(
  { cipher }: SqlStoreParts,
  session: SqlSession,
  at: EpochMilliseconds,
  origin: ChangeOrigin | undefined,
): Promise<number> {
  const stale = await session
    .select()
    .from(signingKeys)
    .where(ne(signingKeys.masterKeyId, cipher.masterKeyId));
  if (stale.length === 0) return 0;
  for (const row of stale) {
    const encrypted = cipher.encrypt({ ...row, privateKey: cipher.decrypt(row) });
    await session.update(signingKeys).set(encrypted).where(eq(signingKeys.kid, row.kid));
  }
  const change = auditedChange.signingKeysReencrypted(cipher.masterKeyId, stale.length, at, origin);
  await appendAuditRow(session, change);
  return stale.length;
}

function selectKeys(session: SqlSession): Promise<SigningKeyRow[]> {
  return session.select().from(signingKeys).orderBy(asc(signingKeys.position)).execute();
}
