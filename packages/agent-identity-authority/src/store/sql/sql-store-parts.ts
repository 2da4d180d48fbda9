import type { SigningKeyCipher } from '../sealing/signing-key-cipher.js';
import type { StoreChange } from '../store-change.js';
import type { StoreChanges } from '../store-changes.js';
import type { SqlDatabase, SqlSession } from './sql-database.js';

/** What the parts of a store in a database share. */
export interface SqlStoreParts {
  readonly database: SqlDatabase;
  readonly changes: StoreChanges;
  readonly cipher: SigningKeyCipher;
}

/** Says, within a transaction, what others must hear of once it is committed. */
export type NoteChange = (change: StoreChange) => Promise<void>;

/** Runs a transaction, and tells of the changes that it noted: other nodes by the database, and this process itself. */
export async function changing<Answer>(
  { database, changes }: SqlStoreParts,
  work: (session: SqlSession, note: NoteChange) => Promise<Answer>,
): Promise<Answer> {
  let noted: StoreChange[] = [];
  const answer = await database.transaction((session) => {
    noted = [];
    return work(session, async (change) => {
      noted.push(change);
      await database.announce(session, change);
    });
  });
  for (const change of noted) changes.tell(change);
  return answer;
}
