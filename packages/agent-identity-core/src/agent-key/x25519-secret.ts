import * as backend from '#backend';

/** **Secret.** Derives the X25519 secret of an Ed25519 seed: SHA-512, first 32 bytes, clamped (docs/protocol.md section 2). */
export function x25519Secret(seed: Uint8Array): Uint8Array {
  const secret = backend.sha512(seed).slice(0, 32);
  secret[0] = (secret[0] as number) & 248;
  secret[31] = ((secret[31] as number) & 127) | 64;
  return secret;
}
