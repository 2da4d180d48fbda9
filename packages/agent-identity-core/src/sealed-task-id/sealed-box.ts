import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { blake2b } from '@noble/hashes/blake2.js';
import * as backend from '#backend';

/** A sealed box is a 32-byte ephemeral public key, a 16-byte authentication tag and the ciphertext. */
export const sealedBoxOverhead = 48;

/** "expand 32-byte k", the constant of Salsa20. */
const sigma = words(new TextEncoder().encode('expand 32-byte k'));

/** Seals bytes to an X25519 public key as NaCl's anonymous sealed box (libsodium `crypto_box_seal`). */
export function sealBox(recipient: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const ephemeralSecret = crypto.getRandomValues(new Uint8Array(32));
  const ephemeral = backend.x25519PublicKey(ephemeralSecret);
  const box = cipher(ephemeralSecret, recipient, ephemeral, recipient).encrypt(plaintext);
  return Uint8Array.from([...ephemeral, ...box]);
}

/** Opens a sealed box. Throws if it was not sealed for this X25519 secret. */
export function openBox(secret: Uint8Array, sealed: Uint8Array): Uint8Array {
  const ephemeral = sealed.slice(0, 32);
  const recipient = backend.x25519PublicKey(secret);
  return cipher(secret, ephemeral, ephemeral, recipient).decrypt(sealed.slice(32));
}

/** Key: HSalsa20 of the shared secret. Nonce: BLAKE2b-24 over both public keys (docs/protocol.md section 5). */
function cipher(secret: Uint8Array, peer: Uint8Array, ephemeral: Uint8Array, recipient: Uint8Array) {
  const shared = Uint8Array.from(backend.x25519SharedSecret(secret, peer));
  const key = new Uint32Array(8);
  hsalsa(sigma, words(shared), new Uint32Array(4), key);
  const nonce = blake2b(Uint8Array.from([...ephemeral, ...recipient]), { dkLen: 24 });
  return xsalsa20poly1305(new Uint8Array(key.buffer), nonce);
}

/** Returns the same bytes as 32-bit words in the machine's byte order, as `hsalsa` needs them. */
function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}
