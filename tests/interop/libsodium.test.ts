import {
  generateAgentKey,
  isAgentIdentityError,
  openSealedTaskId,
  readAgentKey,
  readSshPublicKey,
  sealTaskId,
} from 'agent-identity-core';
import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
// @boundaries-ignore key conversions are not part of the public surface
import { toMontgomery } from '../../packages/agent-identity-core/dist/agent-key/edwards25519.js';
// @boundaries-ignore key conversions are not part of the public surface
import { x25519Secret } from '../../packages/agent-identity-core/dist/agent-key/x25519-secret.js';
import { sshLineOf } from '../conformance/suite/bytes.mjs';
import vectors from '../vectors/agent-identity.json' with { type: 'json' };
import edgeCases from '../vectors/ed25519-edge-cases.json' with { type: 'json' };

beforeAll(() => sodium.ready);

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const taskIds = fc
  .oneof(fc.uuid(), fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }))
  .filter((text) => text.trim() !== '' && text.isWellFormed());

/** Creates the key pair of a seed in our form and in libsodium's. */
function keyPair(seed: Uint8Array) {
  const header = Buffer.from('302e020100300506032b657004220420', 'hex');
  const ours = readAgentKey(Buffer.concat([header, seed]).toString('base64'));
  return { ours, theirs: sodium.crypto_sign_seed_keypair(seed) };
}

/** Converts a libsodium Ed25519 key pair to X25519. */
function boxKeyPair({ publicKey, privateKey }: { publicKey: Uint8Array; privateKey: Uint8Array }) {
  return {
    publicKey: sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey),
    privateKey: sodium.crypto_sign_ed25519_sk_to_curve25519(privateKey),
  };
}

describe('Ed25519 keys', () => {
  it('are the same as in libsodium and map to the same X25519 keys', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { ours, theirs } = keyPair(seed);
        const box = boxKeyPair(theirs);
        expect(hexOf(ours.publicKey.bytes)).toBe(hexOf(theirs.publicKey));
        expect(hexOf(toMontgomery(ours.publicKey.bytes))).toBe(hexOf(box.publicKey));
        expect(hexOf(x25519Secret(seed))).toBe(hexOf(box.privateKey));
      }),
      { numRuns: 300 },
    );
  });

  it.each(vectors.keys)('map to the X25519 keys of the vectors: $name', (vector) => {
    expect(hexOf(x25519Secret(bytesOf(vector.seed_hex)))).toBe(vector.x25519_secret_hex);
    expect(hexOf(toMontgomery(bytesOf(vector.public_key_hex)))).toBe(vector.x25519_public_hex);
  });
});

describe('signatures', () => {
  it('are identical to those of libsodium, and each library verifies the other', () => {
    fc.assert(
      fc.property(seeds, fc.uint8Array({ maxLength: 300 }), (seed, message) => {
        const { ours, theirs } = keyPair(seed);
        const signature = ours.sign(message);
        expect(hexOf(signature)).toBe(hexOf(sodium.crypto_sign_detached(message, theirs.privateKey)));
        expect(sodium.crypto_sign_verify_detached(signature, message, ours.publicKey.bytes)).toBe(true);
        expect(readSshPublicKey(sshLineOf(theirs.publicKey)).verify(message, signature)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('with one bit changed are refused by both libraries', () => {
    fc.assert(
      fc.property(seeds, fc.uint8Array({ maxLength: 60 }), fc.nat(511), (seed, message, bit) => {
        const { ours, theirs } = keyPair(seed);
        const signature = Uint8Array.from(ours.sign(message));
        signature[bit >> 3] = (signature[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(ours.publicKey.verify(message, signature)).toBe(false);
        expect(sodium.crypto_sign_verify_detached(signature, message, theirs.publicKey)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it.each(edgeCases.signatures.filter(({ signature_hex }) => signature_hex.length === 128))(
    'give the same result in both libraries: $why',
    ({ valid, ...hex }) => {
      const [signature, message, publicKey] = [hex.signature_hex, hex.message_hex, hex.public_key_hex].map(
        bytesOf,
      );
      const verdict = sodium.crypto_sign_verify_detached(
        signature as Uint8Array,
        message as Uint8Array,
        publicKey as Uint8Array,
      );
      expect(verdict).toBe(valid);
    },
  );
});

describe('sealed task ids', () => {
  it('sealed by libsodium are opened by us', () => {
    fc.assert(
      fc.property(seeds, taskIds, (seed, taskId) => {
        const { ours, theirs } = keyPair(seed);
        const sealed = sodium.crypto_box_seal(taskId, boxKeyPair(theirs).publicKey);
        expect(openSealedTaskId(ours, Buffer.from(sealed).toString('base64'))).toBe(taskId);
      }),
      { numRuns: 200 },
    );
  });

  it('sealed by us are opened by libsodium', () => {
    fc.assert(
      fc.property(seeds, taskIds, (seed, taskId) => {
        const { ours, theirs } = keyPair(seed);
        const { publicKey, privateKey } = boxKeyPair(theirs);
        const sealed = Uint8Array.from(Buffer.from(sealTaskId(ours.publicKey, taskId), 'base64'));
        expect(sodium.to_string(sodium.crypto_box_seal_open(sealed, publicKey, privateKey))).toBe(taskId);
      }),
      { numRuns: 200 },
    );
  });

  it.each(vectors.keys)('are opened by libsodium with the X25519 keys of the vectors: $name', (vector) => {
    const sealed = sealTaskId(readSshPublicKey(vector.public_key_ssh), 'tâche-漢字-🤖');
    const opened = sodium.crypto_box_seal_open(
      Uint8Array.from(Buffer.from(sealed, 'base64')),
      bytesOf(vector.x25519_public_hex),
      bytesOf(vector.x25519_secret_hex),
    );
    expect(sodium.to_string(opened)).toBe('tâche-漢字-🤖');
  });

  it('with any one bit changed are opened by neither library', () => {
    const { ours, theirs } = keyPair(new Uint8Array(32).fill(9));
    const { publicKey, privateKey } = boxKeyPair(theirs);
    for (const sealed of [
      sodium.crypto_box_seal('task-run-1', publicKey),
      Uint8Array.from(Buffer.from(sealTaskId(ours.publicKey, 'task-run-1'), 'base64')),
    ]) {
      for (let bit = 0; bit < sealed.length * 8; bit += 1) {
        const changed = sealed.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(() => openSealedTaskId(ours, Buffer.from(changed).toString('base64'))).toThrow();
        expect(() => sodium.crypto_box_seal_open(changed, publicKey, privateKey)).toThrow();
      }
    }
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['white space', Buffer.from(' \n\t')],
    ['bytes that are not UTF-8', Buffer.from([0x74, 0xff])],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
  ])('that contain %s are refused, although sealed to the right key', (_form, plaintext) => {
    const key = generateAgentKey();
    const publicKey = sodium.crypto_sign_ed25519_pk_to_curve25519(key.publicKey.bytes);
    const sealed = Buffer.from(sodium.crypto_box_seal(Uint8Array.from(plaintext), publicKey)).toString(
      'base64',
    );
    let caught: unknown;
    try {
      openSealedTaskId(key, sealed);
    } catch (error) {
      caught = error;
    }
    expect(isAgentIdentityError(caught) && caught.code).toBe('unreadable_sealed_task_id');
  });
});
