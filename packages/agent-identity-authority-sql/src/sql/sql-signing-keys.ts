import type {
  ChangeOrigin,
  EpochMilliseconds,
  SigningKeyStore,
  StoredSigningKey,
} from 'agent-identity-authority-core';
import { auditedChange, requireStorableSigningKey } from 'agent-identity-authority-core/store';
import { asc, eq } from 'drizzle-orm';
import { sqlError } from '../errors.js';
import { type SigningKeyRow, signingKeyLock, signingKeys } from './schema.js';
import { appendAuditEntry } from './sql-audit-log.js';
import { encryptStaleAuditLogKey } from './sql-audit-log-keys.js';
import type { SqlSession } from './sql-database.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

const keysChanged = { kind: 'signing_keys_changed' } as const;

/** Every change of signing keys takes the same lock, so there is one change at a time on all nodes. */
export function createSqlSigningKeys(parts: SqlStoreParts): SigningKeyStore {
  const { database, cipher } = parts;
  return {
    async listSigningKeys() {
      const rows = await database.read(selectKeys);
      requireEnds(rows);
      return rows.map((row) => {
        const { position: _, masterKeyId: _id, encryptedPrivateKey: _key, ...columns } = row;
        return { ...columns, privateKey: cipher.decrypt(row) };
      });
    },
    addFirstSigningKey: async (key, origin) => {
      requireStorableSigningKey(key);
      await transactAndNotify(parts, async (session, notify) => {
        await lockSigningKeys(session);
        const rows = await selectKeys(session);
        if (rows.length > 0) return;
        await insertKey(parts, session, key, 1);
        await notify(keysChanged);
        await appendAuditEntry(parts, session, auditedChange.signingKeyAdded(key, null, origin));
      });
    },
    rotateSigningKey: (...args) => rotateSigningKey(parts, ...args),
    ...createOldKeyMethods(parts),
  };
}

async function rotateSigningKey(
  parts: SqlStoreParts,
  ...[key, othersPublishedUntil, origin, ifNewestKid]: Parameters<SigningKeyStore['rotateSigningKey']>
): Promise<string> {
  requireStorableSigningKey(key);
  return transactAndNotify(parts, async (session, notify) => {
    await lockSigningKeys(session);
    const rows = await selectKeys(session);
    requireEnds(rows);
    const newest = rows.at(-1);
    if (newest !== undefined && newest.kid !== (ifNewestKid ?? newest.kid)) return newest.kid;
    if (newest !== undefined && rows.some(({ kid }) => kid === key.kid)) return newest.kid;
    for (const row of rows) {
      const publishedUntil = Math.min(row.publishedUntil ?? othersPublishedUntil, othersPublishedUntil);
      if (publishedUntil !== row.publishedUntil) await encryptAgain(parts, session, row, publishedUntil);
    }
    await insertKey(parts, session, key, (newest?.position ?? 0) + 1);
    await notify(keysChanged);
    await appendAuditEntry(parts, session, auditedChange.signingKeyAdded(key, othersPublishedUntil, origin));
    await encryptStaleKeys(parts, session, rows, key.createdAt, origin);
    return key.kid;
  });
}

function createOldKeyMethods(
  parts: SqlStoreParts,
): Pick<SigningKeyStore, 'retireSigningKey' | 'reencryptSigningKeys'> {
  return {
    retireSigningKey: (kid, publishedUntil, at, origin) =>
      transactAndNotify(parts, async (session, notify) => {
        await lockSigningKeys(session);
        const row = (await selectKeys(session)).find((one) => one.kid === kid);
        if (row === undefined) return 'unknown';
        if (row.publishedUntil === null) return 'in_use';
        if (row.publishedUntil <= publishedUntil) return 'retired';
        await encryptAgain(parts, session, row, publishedUntil);
        await notify(keysChanged);
        await appendAuditEntry(
          parts,
          session,
          auditedChange.signingKeyRetired(kid, publishedUntil, at, origin),
        );
        return 'retired';
      }),
    reencryptSigningKeys: (at, origin) =>
      transactAndNotify(parts, async (session) => {
        await lockSigningKeys(session);
        return encryptStaleKeys(parts, session, await selectKeys(session), at, origin);
      }),
  };
}

async function insertKey(
  { cipher }: SqlStoreParts,
  session: SqlSession,
  { privateKey, ...key }: StoredSigningKey,
  position: number,
): Promise<void> {
  const columns = { ...key, position };
  await session.insert(signingKeys).values({ ...columns, ...cipher.encrypt(columns, privateKey) });
}

/** Sets the end of a key. The encryption authenticates the end, so the private key is encrypted again. */
async function encryptAgain(
  { cipher }: SqlStoreParts,
  session: SqlSession,
  row: SigningKeyRow,
  publishedUntil: EpochMilliseconds | null,
): Promise<void> {
  const encrypted = cipher.encrypt({ ...row, publishedUntil }, cipher.decrypt(row));
  await session
    .update(signingKeys)
    .set({ publishedUntil, ...encrypted })
    .where(eq(signingKeys.kid, row.kid));
}

/** Encrypts the keys that another master key has encrypted, and records how many they were. */
async function encryptStaleKeys(
  parts: SqlStoreParts,
  session: SqlSession,
  rows: readonly SigningKeyRow[],
  at: EpochMilliseconds,
  origin: ChangeOrigin | undefined,
): Promise<number> {
  const { masterKeyId } = parts.cipher;
  await encryptStaleAuditLogKey(parts, session);
  const stale = rows.filter((row) => row.masterKeyId !== masterKeyId);
  if (stale.length === 0) return 0;
  for (const row of await selectKeys(session)) {
    if (row.masterKeyId !== masterKeyId) await encryptAgain(parts, session, row, row.publishedUntil);
  }
  await appendAuditEntry(
    parts,
    session,
    auditedChange.signingKeysReencrypted(masterKeyId, stale.length, at, origin),
  );
  return stale.length;
}

/**
 * Requires that only the newest key has no end. Otherwise, someone has put back an earlier copy of a row.
 *
 * @throws AgentIdentityError `wrong_master_key`
 */
function requireEnds(rows: readonly SigningKeyRow[]): void {
  const changed = rows.find((row, i) => row.publishedUntil === null && i < rows.length - 1);
  if (changed === undefined) return;
  throw sqlError(
    'wrong_master_key',
    `the signing key ${changed.kid} was changed: only the newest key has no end`,
  );
}

async function lockSigningKeys(session: SqlSession): Promise<void> {
  await session.select().from(signingKeyLock).for('update');
}

function selectKeys(session: SqlSession): Promise<SigningKeyRow[]> {
  return session.select().from(signingKeys).orderBy(asc(signingKeys.position)).execute();
}
