import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { StoredSigningKey } from 'agent-identity-authority-core';
import { describeType } from 'agent-identity-core';
import { sqlError } from '../errors.js';

/** The keys that encrypt private signing keys at rest. **All secret**: 32 random bytes each. */
export interface MasterKeys {
  /** Encrypts, and decrypts what it has encrypted. */
  readonly masterKey: Uint8Array;
  /** Only decrypt: earlier master keys, or the next one. */
  readonly otherMasterKeys?: readonly Uint8Array[] | undefined;
}

/** A private signing key as a database stores it. */
export interface EncryptedPrivateKey {
  readonly masterKeyId: string;
  /** base64url of a 12-byte nonce, the ciphertext, and a 16-byte tag. */
  readonly encryptedPrivateKey: string;
}

/** The columns of a row that the encryption authenticates. */
export type SigningKeyColumns = Omit<StoredSigningKey, 'privateKey'> & {
  /** In insertion order. */
  readonly position: number;
};

/** Encrypts private signing keys with AES-256-GCM. */
export interface SigningKeyCipher {
  readonly masterKeyId: string;
  encrypt(row: SigningKeyColumns, privateKey: string): EncryptedPrivateKey;
  /**
   * @throws AgentIdentityError `wrong_master_key` for another master key, and if anything was changed in the row: someone who
   * can write to the database, but has no master key, can neither insert a signing key nor publish an old one for longer
   */
  decrypt(row: SigningKeyColumns & EncryptedPrivateKey): string;
}

/** @throws AgentIdentityError `invalid_argument` for anything but 32 bytes */
export function createSigningKeyCipher({ masterKey, otherMasterKeys = [] }: MasterKeys): SigningKeyCipher {
  if (!Array.isArray(otherMasterKeys)) {
    throw sqlError(
      'invalid_argument',
      `otherMasterKeys: expected a list, got ${describeType(otherMasterKeys)}`,
    );
  }
  const current = deriveKey(masterKey, 'masterKey');
  const others = otherMasterKeys.map((key, i) => deriveKey(key, `otherMasterKeys[${i}]`));
  const keysById = new Map([...others, current].map((key) => [key.id, key]));
  return {
    masterKeyId: current.id,
    encrypt: (row, privateKey) => ({
      masterKeyId: current.id,
      encryptedPrivateKey: encrypt(row, privateKey, current),
    }),
    decrypt({ encryptedPrivateKey, masterKeyId, ...row }) {
      const derivedKey = keysById.get(masterKeyId);
      const privateKey = derivedKey && decrypt(encryptedPrivateKey, row, derivedKey);
      if (privateKey !== undefined) return privateKey;
      throw sqlError(
        'wrong_master_key',
        `the signing key ${row.kid} cannot be decrypted: it was encrypted with another master key, or changed`,
      );
    },
  };
}

interface DerivedKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** The id is not secret: it is derived independently of the key. */
function deriveKey(masterKey: Uint8Array, name: string): DerivedKey {
  if (!(masterKey instanceof Uint8Array) || masterKey.length !== 32) {
    const actual = masterKey instanceof Uint8Array ? `${masterKey.length} bytes` : describeType(masterKey);
    throw sqlError('invalid_argument', `${name}: expected 32 bytes, got ${actual}`);
  }
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', masterKey, '', `agent-identity-authority ${purpose}`, length));
  return { id: derive('master key id', 9).toString('base64url'), key: derive('signing keys', 32) };
}

function encrypt(row: SigningKeyColumns, privateKey: string, { id, key: secret }: DerivedKey): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(additionalData(row, id));
  const ciphertext = Buffer.concat([cipher.update(privateKey, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
}

function decrypt(
  encrypted: string,
  row: SigningKeyColumns,
  { id, key: secret }: DerivedKey,
): string | undefined {
  const bytes = Buffer.from(encrypted, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(additionalData(row, id)).setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
  } catch {
    // Node only says that the tag does not match.
    return undefined;
  }
}

/** Binds the ciphertext to its row: in another row, or beside another public key or time, it cannot be decrypted. */
function additionalData(row: SigningKeyColumns, id: string): Buffer {
  const { kid, publicJwk, position, createdAt, activeFrom, publishedUntil } = row;
  const times = [createdAt, activeFrom, publishedUntil];
  return Buffer.from(
    JSON.stringify(['agent-identity-signing-key-2', id, kid, publicJwk.n, publicJwk.e, position, ...times]),
  );
}
