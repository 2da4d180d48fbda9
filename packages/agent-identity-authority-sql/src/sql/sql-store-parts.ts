import type { StoreChange } from 'agent-identity-authority-core';
import type { StoreChanges } from 'agent-identity-authority-core/store';
import type { KeyCipher } from '../encryption/key-cipher.js';
import type { SqlDatabase, SqlSession } from './sql-database.js';

/** Dependencies of the parts of an SQL store. */
export interface SqlStoreParts {
  readonly database: SqlDatabase;
  readonly changes: StoreChanges;
  readonly cipher: KeyCipher;
}

/** Registers, within a transaction, a change to report after the commit. */
export type NotifyAfterCommit = (change: StoreChange) => Promise<void>;

/** Runs a transaction, and reports its changes after the commit: to other nodes, and to this process. */
export async function transactAndNotify<Result>(
  { database, changes }: SqlStoreParts,
  work: (session: SqlSession, notify: NotifyAfterCommit) => Promise<Result>,
): Promise<Result> {
  let registered: StoreChange[] = [];
  const result = await database.transaction((session) => {
    registered = [];
    return work(session, async (change) => {
      registered.push(change);
      await database.announce(session, change);
    });
  });
  for (const change of registered) changes.notify(change);
  return result;
}
