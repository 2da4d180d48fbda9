import type { Clock } from 'agent-identity-core';
import type { OnFailure } from '../guarded.js';

/** What a store is opened with. `memory:` needs none of it. */
export interface StoreOptions {
  /**
   * **Secret.** 32 random bytes, which encrypt the private signing keys at rest. Whoever loses them has to let all keys
   * go and issue all JWTs anew.
   */
  readonly masterKey?: Uint8Array | undefined;
  /** **Secret.** More keys that open what they have encrypted: those from before a change of the master key. */
  readonly otherMasterKeys?: readonly Uint8Array[] | undefined;
  /** How long a call may take before it fails, waiting for its turn included; 5 s by default. */
  readonly timeoutSeconds?: number | undefined;
  /** How many connections to a Postgres server there are at most, one more for listening aside; 10 by default. */
  readonly maxConnections?: number | undefined;
}

/** What a store may be given in place of the runtime's own. */
export interface StoreEffects {
  /** Epoch milliseconds; `Date.now` by default. */
  readonly clock?: Clock | undefined;
  /** Is told of failures that no caller sees, such as a lost connection for notifications; nothing is told by default. */
  readonly onFailure?: OnFailure | undefined;
}
