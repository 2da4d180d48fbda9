import { hexOfBytes } from './bytes.mjs';
import { requireEqual, requireRefusal } from './checks.mjs';

/**
 * Checks keys in both PKCS#8 forms and as OpenSSH lines, and documents that must be refused (docs/protocol.md section 2).
 *
 * @param {import('./vectors.mjs').Check} check
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Vectors} vectors
 */
export function checkKeys(check, core, vectors) {
  for (const vector of vectors.keys) {
    check('keys', vector.name, () => requireKey(core, vector));
  }
  for (const { why, pkcs8_base64 } of vectors.invalid_keys) {
    check('invalid keys', why, () =>
      requireRefusal('invalid_agent_key', () => core.readAgentKey(pkcs8_base64), why),
    );
  }
}

/**
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Vectors['keys'][number]} vector
 */
function requireKey(core, vector) {
  const publicKey = core.readSshPublicKey(vector.public_key_ssh);
  requireEqual(hexOfBytes(publicKey.bytes), vector.public_key_hex, 'bytes of the OpenSSH line');
  for (const pkcs8 of [vector.pkcs8_v1_base64, vector.pkcs8_v2_base64]) {
    const key = core.readAgentKey(pkcs8);
    requireEqual(key.publicKey.ssh, vector.public_key_ssh, 'OpenSSH line');
    requireEqual(hexOfBytes(key.publicKey.bytes), vector.public_key_hex, 'public key');
    requireEqual(key.toPkcs8Base64(), vector.pkcs8_v1_base64, 'written document');
    requireNothingPrinted(key, vector);
  }
}

/**
 * Requires that no way of printing objects on this runtime shows the private bytes.
 *
 * @param {import('agent-identity-core').AgentKey} key
 * @param {import('./vectors.mjs').Vectors['keys'][number]} vector
 */
function requireNothingPrinted(key, vector) {
  const { Deno, Bun } = /** @type {{ Deno?: any, Bun?: any }} */ (globalThis);
  const printed = [
    JSON.stringify(key),
    String(key),
    JSON.stringify(Object.getOwnPropertyDescriptors(key)),
    Deno?.inspect(key, { showHidden: true, depth: 100 }) ?? '',
    Bun?.inspect(key, { showHidden: true, depth: 100 }) ?? '',
  ].join(' ');
  const seed = vector.seed_hex.match(/../g) ?? [];
  const decimal = seed.slice(0, 6).map((byte) => Number.parseInt(byte, 16));
  for (const secret of [
    vector.seed_hex,
    vector.pkcs8_v1_base64.slice(24),
    decimal.join(', '),
    decimal.join(),
  ]) {
    if (printed.replaceAll(/\s+/g, ' ').includes(secret)) throw new Error('the key shows its private bytes');
  }
}
