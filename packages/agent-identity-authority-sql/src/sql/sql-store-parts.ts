import type { StoreChange } from 'agent-identity-authority-core';
import type { StoreChanges } from 'agent-identity-authority-core/store';
import type { SigningKeyCipher } from '../encryption/signing-key-cipher.js';
import type { SqlDatabase, SqlSession } from './sql-database.js';

/** What the parts of a store in a database share. */
export interface SqlStoreParts {
  readonly database: SqlDatabase;
  readonly changes: StoreChanges;
  readonly cipher: SigningKeyCipher;
}

/** Says, within a transaction, what others must hear of once it is committed. */
export type NotifyAfterCommit = (change: StoreChange) => Promise<void>;

/** Runs a transaction, and tells of the changes that it noted: other nodes by the database, and this process itself. */
export async function transactAndNotify<Answer>(
  { database, changes }: SqlStoreParts,
  work: (session: SqlSession, notify: NotifyAfterCommit) => Promise<Answer>,
): Promise<Answer> {
  let noted: StoreChange[] = [];
  const answer = await database.transaction((session) => {
    noted = [];
    return work(session, async (change) => {
      noted.push(change);
      await database.announce(session, change);
    });
  });
  for (const change of noted) changes.notify(change);
  return answer;
}
