import type { OnFailure } from 'agent-identity-authority-core';
import { type Clock, describeType } from 'agent-identity-core';
import {
  type HttpEffects,
  ignoringErrors,
  invalidArgument,
  requireKnownOptions,
  resolveEffects,
} from 'agent-identity-core/http';
import { createKeyCipher, type KeyCipher } from './encryption/key-cipher.js';
import { sqlError } from './errors.js';

/** Options for `openStore`. `memory:` needs none. */
export interface OpenStoreOptions {
  /**
   * **Secret.** 32 random bytes that encrypt the private signing keys at rest. If they are lost, all signing keys are lost
   * and all JWTs must be reissued. Required except for `memory:`.
   */
  readonly masterKey?: Uint8Array | undefined;
  /** **Secret.** Earlier master keys, to decrypt with. */
  readonly otherMasterKeys?: readonly Uint8Array[] | undefined;
  /** The limit of each call, waiting for its turn included; 1 to 600. Default: 5. */
  readonly timeoutSeconds?: number | undefined;
  /** The maximum number of connections to a Postgres server for changes; 1 to 1000. Default: 10. */
  readonly maxConnections?: number | undefined;
  /** The maximum number of other connections, for reads, so that they never wait for a change; 1 to 1000. Default: 10. */
  readonly maxReadConnections?: number | undefined;
  /** What to do if there is no store yet: `create` (default) makes one, `refuse` rejects with `store_not_ready`. */
  readonly ifMissing?: 'create' | 'refuse' | undefined;
  /** Called before a PGlite folder is created, which takes a few seconds. Default: ignored. */
  readonly onCreate?: (() => void) | undefined;
  /** Receives failures that no caller sees, such as a lost connection for notifications. Default: ignored. */
  readonly onFailure?: OnFailure | undefined;
}

/** Overrides for ambient dependencies of a store. */
export type OpenStoreEffects = Pick<HttpEffects, 'clock'>;

/** The options of a persistent store with every default filled in. */
export interface ResolvedStoreOptions {
  readonly cipher: KeyCipher;
  readonly timeoutSeconds: number;
  readonly maxConnections: number;
  readonly maxReadConnections: number;
  readonly ifMissing: 'create' | 'refuse';
  readonly onCreate: () => void;
  readonly onFailure: OnFailure;
  readonly clock: Clock;
}

export const openStoreOptionNames: readonly (keyof OpenStoreOptions)[] = [
  'masterKey',
  'otherMasterKeys',
  'timeoutSeconds',
  'maxConnections',
  'maxReadConnections',
  'ifMissing',
  'onCreate',
  'onFailure',
];

/** @throws AgentIdentityError `master_key_required`, `invalid_argument` */
export function resolveStoreOptions(
  options: OpenStoreOptions,
  effects: OpenStoreEffects,
): ResolvedStoreOptions {
  const { masterKey, otherMasterKeys, timeoutSeconds = 5 } = options;
  const { maxConnections = 10, maxReadConnections = 10 } = options;
  requireKnownOptions(effects, ['clock'], 'effects');
  if (masterKey === undefined) {
    throw sqlError(
      'master_key_required',
      'masterKey: expected 32 random bytes, which encrypt the private signing keys at rest',
    );
  }
  requireWithin('timeoutSeconds', timeoutSeconds, 600);
  requireWithin('maxConnections', maxConnections, 1000);
  requireWithin('maxReadConnections', maxReadConnections, 1000);
  const { ifMissing = 'create' } = options;
  if (ifMissing !== 'create' && ifMissing !== 'refuse') {
    throw invalidArgument('ifMissing', 'create or refuse', ifMissing);
  }
  const { onCreate = () => {}, onFailure = () => {} } = options;
  for (const [name, listener] of Object.entries({ onCreate, onFailure })) {
    if (typeof listener !== 'function') throw invalidArgument(name, 'a function', listener);
  }
  return {
    cipher: createKeyCipher({ masterKey, otherMasterKeys }),
    timeoutSeconds,
    maxConnections,
    maxReadConnections,
    ifMissing,
    onCreate: () => void ignoringErrors(onCreate),
    onFailure: (failure) => void ignoringErrors(() => onFailure(failure)),
    clock: resolveEffects(effects).clock,
  };
}

function requireWithin(name: string, value: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return;
  const actual = typeof value === 'number' ? value : describeType(value);
  throw sqlError('invalid_argument', `${name}: expected an integer from 1 to ${max}, got ${actual}`);
}
