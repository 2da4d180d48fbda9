import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { StoredSigningKey } from 'agent-identity-authority-core';
import { describeType } from 'agent-identity-core';
import { sqlError } from '../errors.js';

/** The keys that encrypt private signing keys at rest. **Secret**, all of them: 32 random bytes each. */
export interface MasterKeys {
  /** Encrypts whatever is written, and opens what it has encrypted. */
  readonly masterKey: Uint8Array;
  /** Only open: those from before a change of the master key, or the one that comes next. */
  readonly otherMasterKeys?: readonly Uint8Array[] | undefined;
}

/** A private signing key as it lies in a database. */
export interface EncryptedPrivateKey {
  readonly masterKeyId: string;
  /** base64url of 12 bytes of nonce, the ciphertext, and 16 bytes of tag. */
  readonly encryptedPrivateKey: string;
}

/** Encrypts private signing keys with AES-256-GCM. */
export interface SigningKeyCipher {
  readonly masterKeyId: string;
  seal(key: StoredSigningKey): EncryptedPrivateKey;
  /**
   * @throws AgentIdentityError `wrong_master_key` also if anything but `publishedUntil` and the times was changed in the
   * row: whoever can write to the database, but has no master key, cannot put in a signing key of their own
   */
  open(key: Omit<StoredSigningKey, 'privateKey'> & EncryptedPrivateKey): string;
}

/** @throws AgentIdentityError `invalid_argument` for anything but 32 bytes */
export function signingKeyCipher({ masterKey, otherMasterKeys = [] }: MasterKeys): SigningKeyCipher {
  const current = derivedKey(masterKey, 'masterKey');
  const others = otherMasterKeys.map((key, i) => derivedKey(key, `otherMasterKeys[${i}]`));
  const byId = new Map([...others, current].map((key) => [key.id, key]));
  return {
    masterKeyId: current.id,
    seal: (key) => ({ masterKeyId: current.id, encryptedPrivateKey: encrypted(key, current) }),
    open({ encryptedPrivateKey, masterKeyId, ...key }) {
      const known = byId.get(masterKeyId);
      const privateKey = known && decrypted(encryptedPrivateKey, key, known);
      if (privateKey !== undefined) return privateKey;
      throw sqlError(
        'wrong_master_key',
        `the signing key ${key.kid} does not open with the master key: it was encrypted with another one, or changed`,
      );
    },
  };
}

interface DerivedKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** The id can be shown: it is derived like the key, but apart from it. */
function derivedKey(masterKey: Uint8Array, name: string): DerivedKey {
  if (!(masterKey instanceof Uint8Array) || masterKey.length !== 32) {
    const came = masterKey instanceof Uint8Array ? `${masterKey.length} bytes` : describeType(masterKey);
    throw sqlError('invalid_argument', `${name}: expected 32 bytes, got ${came}`);
  }
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', masterKey, '', `agent-identity-authority ${purpose}`, length));
  return { id: derive('master key id', 9).toString('base64url'), key: derive('signing keys', 32) };
}

function encrypted(key: StoredSigningKey, { id, key: secret }: DerivedKey): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(boundTo(key, id));
  const ciphertext = Buffer.concat([cipher.update(key.privateKey, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
}

function decrypted(
  sealed: string,
  key: Pick<StoredSigningKey, 'kid' | 'publicJwk'>,
  { id, key: secret }: DerivedKey,
): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(boundTo(key, id)).setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
  } catch {
    // Node says no more than that the tag does not fit.
    return undefined;
  }
}

/** What the ciphertext belongs to: moved to another row, or beside another public key, it does not open. */
function boundTo({ kid, publicJwk }: Pick<StoredSigningKey, 'kid' | 'publicJwk'>, id: string): Buffer {
  return Buffer.from(JSON.stringify(['agent-identity-signing-key-1', id, kid, publicJwk.n, publicJwk.e]));
}
