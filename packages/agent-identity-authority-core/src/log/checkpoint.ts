import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { type AgentKey, type AgentPublicKey, describeType, readSshPublicKey } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { hashLength } from './merkle-hash.js';

/** The state of a log at some time. Kept elsewhere, it later shows whether entries up to it were changed or removed. */
export interface LogCheckpoint {
  /** The name of the log, unique among all logs. */
  readonly origin: string;
  /** How many entries the log has. */
  readonly size: number;
  /** 32 bytes (RFC 6962 section 2.1). */
  readonly rootHash: Uint8Array;
}

/**
 * Signs a checkpoint (C2SP tlog-checkpoint) as a signed note (C2SP signed-note) with Ed25519.
 *
 * @param agentKey The key of the log. **Secret.**
 * @example
 * ```ts
 * import { signCheckpoint } from 'agent-identity-authority-core/store';
 * import { generateAgentKey } from 'agent-identity-core';
 *
 * const checkpoint = { origin: 'authority.example.com/audit', size: 1, rootHash: new Uint8Array(32) };
 * const note = signCheckpoint(checkpoint, generateAgentKey());
 * ```
 */
export function signCheckpoint(checkpoint: LogCheckpoint, agentKey: AgentKey): string {
  const { origin, size, rootHash } = checkpoint;
  const text = `${origin}\n${size}\n${encodeBase64(rootHash)}\n`;
  const signature = concatBytes(keyId(origin, agentKey.publicKey), agentKey.sign(encoder.encode(text)));
  return `${text}\n— ${origin} ${encodeBase64(signature)}\n`;
}

/**
 * Returns the verifier key of a log: `ORIGIN+HASH+KEY` (C2SP signed-note). It is not secret: give it to everybody who checks
 * the log.
 *
 * @example
 * ```ts
 * import { formatVerifierKey } from 'agent-identity-authority-core/store';
 * import { generateAgentKey } from 'agent-identity-core';
 *
 * const verifierKey = formatVerifierKey('authority.example.com/audit', generateAgentKey().publicKey);
 * ```
 */
export function formatVerifierKey(origin: string, publicKey: AgentPublicKey): string {
  const hash = [...keyId(origin, publicKey)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${origin}+${hash}+${encodeBase64(concatBytes(ed25519, publicKey.bytes))}`;
}

/**
 * Reads a checkpoint and checks its signature with the verifier key of the log. Signatures of others, such as witnesses, are
 * ignored.
 *
 * @param verifierKey `ORIGIN+HASH+KEY`, from a source that you trust.
 * @throws AgentIdentityError `invalid_verifier_key`; `invalid_checkpoint` if it is malformed, of another log, or not signed
 * with this key
 * @example
 * ```ts
 * import { verifyCheckpoint } from 'agent-identity-authority-core/log';
 *
 * const sizeOf = (note: string, verifierKey: string): number => verifyCheckpoint(note, verifierKey).size;
 * ```
 */
export function verifyCheckpoint(note: string, verifierKey: string): LogCheckpoint {
  const { origin, publicKey } = readVerifierKey(verifierKey);
  const { checkpoint, text, signatures } = parseNote(note);
  if (checkpoint.origin !== origin)
    throw invalidCheckpoint(`the log ${origin}`, `the log ${checkpoint.origin}`);
  const id = keyId(origin, publicKey);
  const isOurs = ({ name, bytes }: NoteSignature) =>
    name === origin && id.every((byte, i) => bytes[i] === byte);
  const signature = signatures.find(isOurs);
  if (
    signature === undefined ||
    !publicKey.verify(encoder.encode(text), signature.bytes.subarray(id.length))
  ) {
    throw invalidCheckpoint(
      'a signature by the key of the log',
      signature === undefined ? 'none' : 'one that is wrong',
    );
  }
  return checkpoint;
}

/**
 * Reads a checkpoint **without** checking its signature.
 *
 * @throws AgentIdentityError `invalid_checkpoint`
 * @example
 * ```ts
 * import { parseUnverifiedCheckpoint } from 'agent-identity-authority-core/log';
 *
 * const claimedSizeOf = (note: string): number => parseUnverifiedCheckpoint(note).size;
 * ```
 */
export function parseUnverifiedCheckpoint(note: string): LogCheckpoint {
  return parseNote(note).checkpoint;
}

interface NoteSignature {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function parseNote(note: string) {
  if (typeof note !== 'string') throw invalidCheckpoint('a signed note', describeType(note));
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const [origin = '', size = '', root = '', ...others] = text.split('\n');
  const rootHash = decodeBase64(root);
  // Lines after the root hash are extensions.
  const isText = end > 0 && origin !== '' && others.at(-1) === '';
  if (!isText || !/^(?:0|[1-9]\d{0,15})$/.test(size) || rootHash?.length !== hashLength) {
    throw invalidCheckpoint(
      'the name, the size and the root hash of a log, on three lines',
      describeType(note),
    );
  }
  const signatures = note
    .slice(end + 2)
    .replace(/\n$/, '')
    .split('\n')
    .map(parseSignature);
  return { checkpoint: { origin, size: Number(size), rootHash }, text, signatures };
}

function parseSignature(line: string): NoteSignature {
  const [, name = '', signature = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
  const bytes = decodeBase64(signature);
  if (bytes === undefined || bytes.length < 5)
    throw invalidCheckpoint('signature lines', 'a line of another form');
  return { name, bytes };
}

function readVerifierKey(verifierKey: string): {
  readonly origin: string;
  readonly publicKey: AgentPublicKey;
} {
  const [, origin = '', hash = '', encoded = ''] =
    /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(String(verifierKey)) ?? [];
  const key = decodeBase64(encoded);
  if (key?.length !== 33 || key[0] !== ed25519[0]) throw invalidVerifierKey(verifierKey);
  const publicKey = readPoint(key.subarray(1));
  if (publicKey === undefined || formatVerifierKey(origin, publicKey) !== `${origin}+${hash}+${encoded}`)
    throw invalidVerifierKey(verifierKey);
  return { origin, publicKey };
}

/** Returns `undefined` for bytes that are no point, or one that must not be used as a key. */
function readPoint(bytes: Uint8Array): AgentPublicKey | undefined {
  try {
    return readSshPublicKey(`ssh-ed25519 ${encodeBase64(concatBytes(sshPrefix, bytes))}`);
  } catch {
    return undefined;
  }
}

/** The first four bytes of a hash that names the key (C2SP signed-note). */
function keyId(origin: string, publicKey: AgentPublicKey): Uint8Array {
  return sha256(concatBytes(encoder.encode(`${origin}\n`), ed25519, publicKey.bytes)).subarray(0, 4);
}

const encoder = new TextEncoder();
/** The signature type of signed notes. */
const ed25519 = Uint8Array.of(1);
/** The fields of RFC 4253 section 6.6 before the 32 bytes of an Ed25519 key. */
const sshPrefix = concatBytes(
  Uint8Array.of(0, 0, 0, 11),
  encoder.encode('ssh-ed25519'),
  Uint8Array.of(0, 0, 0, 32),
);

function invalidCheckpoint(expected: string, actual: string): Error {
  return authorityError('invalid_checkpoint', `checkpoint: expected ${expected}, got ${actual}`);
}

function invalidVerifierKey(value: unknown): Error {
  return authorityError(
    'invalid_verifier_key',
    `verifier key: expected NAME+HASH+KEY of an Ed25519 key, got ${describeType(value)}`,
  );
}
