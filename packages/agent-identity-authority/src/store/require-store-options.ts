import { type Clock, describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import { type OnFailure, quietly } from '../guarded.js';
import { requireSeconds } from '../require-seconds.js';
import { type SigningKeyCipher, signingKeyCipher } from './sealing/signing-key-cipher.js';
import type { StoreEffects, StoreOptions } from './store-options.js';

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
    throw authorityError(
      'master_key_required',
      'masterKey: expected 32 random bytes, which encrypt the private signing keys at rest',
    );
  }
  requireSeconds(timeoutSeconds, 'timeoutSeconds', { min: 1, max: 600 });
  if (!Number.isSafeInteger(maxConnections) || maxConnections < 1 || maxConnections > 1000) {
    throw authorityError(
      'invalid_argument',
      `maxConnections: expected 1 to 1000, got ${describeType(maxConnections)}`,
    );
  }
  return {
    cipher: signingKeyCipher({ masterKey, otherMasterKeys }),
    timeoutMilliseconds: timeoutSeconds * 1000,
    maxConnections,
    onFailure: quietly(onFailure),
    clock,
  };
}
