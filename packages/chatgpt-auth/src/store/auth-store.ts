/** The names of work that no two processes may do at once on one store. */
export type LockName = 'bootstrap' | 'refresh';

/**
 * Keeps the text of one `auth.json` in a file, a keyring or in memory. The text is a secret. A store reads, locks and
 * replaces it, and does not interpret it.
 */
export interface AuthStore {
  /** Names the document in error messages, such as the path of the file. */
  readonly location?: string | undefined;

  /**
   * Returns the current document; `undefined` if there is none, so there is no login.
   *
   * @throws AgentIdentityError `unreadable_auth_file`, `keyring_unavailable`, `encrypted_auth_storage`
   */
  read(): Promise<string | undefined>;

  /**
   * Reads the document under the store's write lock, passes it to `edit`, and replaces it with the result: all of it or
   * nothing. `edit` gets `undefined` if there is no document, and returns `undefined` to write nothing. A document that
   * is gone is not created again. `edit` is synchronous and has no effects; it may be called again if the document has
   * changed in the meantime. An error that it throws is passed on, and nothing is written.
   *
   * @throws AgentIdentityError `unreadable_auth_file`, `unwritable_auth_file`, `lock_unavailable`, `keyring_unavailable`
   */
  update(edit: (text: string | undefined) => string | undefined): Promise<void>;

  /**
   * Checks that `update` could replace the document now, without changing it. Called before anything that must be
   * saved afterwards: a registration, or a refresh, which spends a token. Checks nothing if there is no document.
   * Optional: a store that cannot tell leaves it out.
   *
   * @throws AgentIdentityError `unreadable_auth_file`, `unwritable_auth_file`, `lock_unavailable`
   */
  requireWritable?(): Promise<void>;

  /**
   * Runs `work` while no other process and nothing else in this process runs work of the same name on this store. The
   * lock is released when the holder finishes, fails or dies. It does not prevent reading or updating.
   *
   * @throws AgentIdentityError `lock_unavailable`
   */
  withLock<T>(name: LockName, work: () => Promise<T>): Promise<T>;
}
