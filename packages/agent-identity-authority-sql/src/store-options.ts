import type { OnFailure } from 'agent-identity-authority-core';
import { type Clock, describeType } from 'agent-identity-core';
import { type SigningKeyCipher, signingKeyCipher } from './encryption/signing-key-cipher.js';
import { sqlError } from './errors.js';

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

/** The checked options of a store that outlives the process. */
export interface CheckedStoreOptions {
  readonly cipher: SigningKeyCipher;
  readonly timeoutMilliseconds: number;
  readonly maxConnections: number;
  readonly onFailure: OnFailure;
  readonly clock: Clock;
}

/** @throws AgentIdentityError `master_key_required`, `invalid_argument` */
export function requireStoreOptions(
  { masterKey, otherMasterKeys, timeoutSeconds = 5, maxConnections = 10 }: StoreOptions,
  { onFailure = () => {}, clock = Date.now }: StoreEffects,
): CheckedStoreOptions {
  if (masterKey === undefined) {
    throw sqlError(
      'master_key_required',
      'masterKey: expected 32 random bytes, which encrypt the private signing keys at rest',
    );
  }
  requireWithin('timeoutSeconds', timeoutSeconds, 600);
  requireWithin('maxConnections', maxConnections, 1000);
  return {
    cipher: signingKeyCipher({ masterKey, otherMasterKeys }),
    timeoutMilliseconds: timeoutSeconds * 1000,
    maxConnections,
    onFailure(failure) {
      try {
        onFailure(failure);
      } catch {
        // A failing listener must not fail the store.
      }
    },
    clock,
  };
}

function requireWithin(name: string, value: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return;
  const actual = typeof value === 'number' ? value : describeType(value);
  throw sqlError('invalid_argument', `${name}: expected a whole number from 1 to ${max}, got ${actual}`);
}
