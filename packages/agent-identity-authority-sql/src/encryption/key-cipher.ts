import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { StoredAuditLogKey, StoredSigningKey } from 'agent-identity-authority-core';
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

/** The columns of a key of the audit log that the encryption authenticates. */
export type AuditLogKeyColumns = Omit<StoredAuditLogKey, 'privateKey'> & {
  /** In insertion order. */
  readonly position: number;
};

/** Encrypts private keys with AES-256-GCM, and seals entries of the audit log that wait for their place. */
export interface KeyCipher {
  readonly masterKeyId: string;
  encrypt(row: SigningKeyColumns, privateKey: string): EncryptedPrivateKey;
  /**
   * @throws AgentIdentityError `wrong_master_key` for another master key, and if anything was changed in the row: someone who
   * can write to the database, but has no master key, can neither insert a signing key nor publish an old one for longer
   */
  decrypt(row: SigningKeyColumns & EncryptedPrivateKey): string;
  encryptAuditLogKey(row: AuditLogKeyColumns, privateKey: string): EncryptedPrivateKey;
  /** @throws AgentIdentityError `wrong_master_key`, as `decrypt` */
  decryptAuditLogKey(row: AuditLogKeyColumns & EncryptedPrivateKey): string;
  /** Returns the seal of an encoded entry: `MASTER_KEY_ID.HMAC`, in base64url. */
  sealEntry(encodedEntry: Uint8Array): string;
  /** Whether a node with one of the master keys has sealed exactly this entry. */
  isSealedEntry(encodedEntry: Uint8Array, seal: string): boolean;
}

/** @throws AgentIdentityError `invalid_argument` for anything but 32 bytes */
export function createKeyCipher({ masterKey, otherMasterKeys = [] }: MasterKeys): KeyCipher {
  if (!Array.isArray(otherMasterKeys)) {
    throw sqlError(
      'invalid_argument',
      `otherMasterKeys: expected a list, got ${describeType(otherMasterKeys)}`,
    );
  }
  const current = deriveKey(masterKey, 'masterKey');
  const others = otherMasterKeys.map((key, i) => deriveKey(key, `otherMasterKeys[${i}]`));
  const keysById = new Map([...others, current].map((key) => [key.id, key]));
  const decryptRow = (name: string, data: RowData, row: EncryptedPrivateKey): string => {
    const derivedKey = keysById.get(row.masterKeyId);
    const privateKey = derivedKey && decrypt(row.encryptedPrivateKey, data, derivedKey);
    if (privateKey !== undefined) return privateKey;
    throw sqlError(
      'wrong_master_key',
      `${name} cannot be decrypted: it was encrypted with another master key, or changed`,
    );
  };
  const encryptRow = (data: RowData, privateKey: string): EncryptedPrivateKey => ({
    masterKeyId: current.id,
    encryptedPrivateKey: encrypt(data, privateKey, current),
  });
  return {
    masterKeyId: current.id,
    encrypt: (row, privateKey) => encryptRow(signingKeyData(row), privateKey),
    decrypt: (row) => decryptRow(`the signing key ${row.kid}`, signingKeyData(row), row),
    encryptAuditLogKey: (row, privateKey) => encryptRow(auditLogKeyData(row), privateKey),
    decryptAuditLogKey: (row) => decryptRow('the key of the audit log', auditLogKeyData(row), row),
    sealEntry: (encodedEntry) => `${current.id}.${seal(encodedEntry, current).toString('base64url')}`,
    isSealedEntry(encodedEntry, text) {
      const [id = '', mac = ''] = text.split('.');
      const derivedKey = keysById.get(id);
      const expected = derivedKey && seal(encodedEntry, derivedKey);
      const actual = Buffer.from(mac, 'base64url');
      return expected?.length === actual.length && timingSafeEqual(expected, actual);
    },
  };
}

interface DerivedKey {
  readonly id: string;
  readonly key: Uint8Array;
  readonly sealKey: Uint8Array;
}

/** What the encryption of a private key authenticates. */
type RowData = readonly unknown[];

/** The id is not secret: it is derived independently of the key. */
function deriveKey(masterKey: Uint8Array, name: string): DerivedKey {
  if (!(masterKey instanceof Uint8Array) || masterKey.length !== 32) {
    const actual = masterKey instanceof Uint8Array ? `${masterKey.length} bytes` : describeType(masterKey);
    throw sqlError('invalid_argument', `${name}: expected 32 bytes, got ${actual}`);
  }
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', masterKey, '', `agent-identity-authority ${purpose}`, length));
  return {
    id: derive('master key id', 9).toString('base64url'),
    key: derive('signing keys', 32),
    sealKey: derive('audit entries', 32),
  };
}

function seal(encodedEntry: Uint8Array, { sealKey }: DerivedKey): Buffer {
  return createHmac('sha256', sealKey).update(encodedEntry).digest();
}

function encrypt(data: RowData, privateKey: string, { id, key: secret }: DerivedKey): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(additionalData(data, id));
  const ciphertext = Buffer.concat([cipher.update(privateKey, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
}

function decrypt(encrypted: string, data: RowData, { id, key: secret }: DerivedKey): string | undefined {
  const bytes = Buffer.from(encrypted, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(additionalData(data, id)).setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
  } catch {
    // Node only says that the tag does not match.
    return undefined;
  }
}

/** Binds the ciphertext to its row: in another row, or beside another public key or time, it cannot be decrypted. */
function additionalData(data: RowData, masterKeyId: string): Buffer {
  const [kind, ...values] = data;
  return Buffer.from(JSON.stringify([kind, masterKeyId, ...values]));
}

function signingKeyData(row: SigningKeyColumns): RowData {
  const { kid, publicJwk, position, createdAt, activeFrom, publishedUntil } = row;
  const times = [createdAt, activeFrom, publishedUntil];
  return ['agent-identity-signing-key-2', kid, publicJwk.n, publicJwk.e, position, ...times];
}

function auditLogKeyData({ origin, position, createdAt }: AuditLogKeyColumns): RowData {
  return ['agent-identity-audit-log-key-1', origin, position, createdAt];
}
