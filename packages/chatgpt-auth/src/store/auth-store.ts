/** Work that no two processes may do at once on one store. */
export type ExclusiveWork = 'bootstrap' | 'refresh';

/**
 * Keeps one `auth.json` document as text, in a file, a keyring or in memory. The text is a secret. Stores know
 * nothing of what is in it: they read, lock and replace.
 */
export interface AuthStore {
  /**
   * The document as it is now; `undefined` where there is none, so nobody is logged in.
   *
   * @throws AgentIdentityError `unreadable_auth_file`, `keyring_unavailable`
   */
  read(): Promise<string | undefined>;

  /**
   * Reads the document under the store's write lock, hands it to `edit` and replaces it by what that returns, all or
   * nothing. `undefined` in either place means no document: `edit` may be given none, and returns none to write
   * nothing. A document that is gone is not brought back. `edit` is synchronous, has no effects, and may be called
   * again when the document changed meanwhile; what it throws is passed on, and nothing is written.
   *
   * @throws AgentIdentityError `unreadable_auth_file`, `unwritable_auth_file`, `lock_unavailable`, `keyring_unavailable`
   */
  update(edit: (text: string | undefined) => string | undefined): Promise<void>;

  /**
   * Checks that `update` could replace the document now, without changing it, where a store can tell: it is asked before
   * something is registered that could not be saved. Nothing is checked where there is no document.
   *
   * @throws AgentIdentityError `unreadable_auth_file`, `unwritable_auth_file`, `lock_unavailable`
   */
  requireWritable?(): Promise<void>;

  /**
   * Runs `work` while no other process and nothing else in this one runs work of the same name on this store. The lock
   * is free again when the holder is done, fails or dies. It does not keep anybody from reading or updating.
   *
   * @throws AgentIdentityError `lock_unavailable`
   */
  exclusively<T>(name: ExclusiveWork, work: () => Promise<T>): Promise<T>;
}
