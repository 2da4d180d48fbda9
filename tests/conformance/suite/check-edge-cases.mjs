import { bytesOfHex, hexOfBytes, sshLineOf } from './bytes.mjs';
import { requireEqual, requireRefusal } from './checks.mjs';

/**
 * Checks public keys that must be refused, and signatures on which libraries disagree. Every backend and runtime must give
 * the same result.
 *
 * @param {import('./vectors.mjs').Check} check
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').EdgeCases} edgeCases
 */
export function checkEdgeCases(check, core, edgeCases) {
  for (const { why, public_key_hex: hex } of edgeCases.refused_public_keys) {
    check('refused public keys', `${why} (${hex.slice(0, 8)})`, () =>
      requireRefusal('invalid_public_key', () => core.readSshPublicKey(sshLineOf(bytesOfHex(hex))), why),
    );
  }
  for (const { why, public_key_hex: hex } of edgeCases.accepted_public_keys) {
    check('accepted public keys', `${why} (${hex.slice(0, 8)})`, () =>
      requireEqual(hexOfBytes(core.readSshPublicKey(sshLineOf(bytesOfHex(hex))).bytes), hex, why),
    );
  }
  for (const { why, public_key_hex, message_hex, signature_hex, valid } of edgeCases.signatures) {
    check('signatures', `${why} (${signature_hex.slice(0, 8)})`, () => {
      const publicKey = core.readSshPublicKey(sshLineOf(bytesOfHex(public_key_hex)));
      requireEqual(publicKey.verify(bytesOfHex(message_hex), bytesOfHex(signature_hex)), valid, why);
    });
  }
}
