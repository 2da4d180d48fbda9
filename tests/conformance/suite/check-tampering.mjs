import { base64OfBytes, bytesOfBase64, withBitChanged } from './bytes.mjs';
import { requireRefusal } from './checks.mjs';
import { agentKeyNamed } from './vectors.mjs';

/**
 * Changes one assertion, one header, one registration and one sealed task id of each key at every position.
 *
 * @param {import('./vectors.mjs').Check} check
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Vectors} vectors
 */
export function checkTampering(check, core, vectors) {
  for (const { name } of vectors.keys) {
    const agentKey = agentKeyNamed(core, vectors, name);
    const assertion = vectors.assertions.find(({ key }) => key === name);
    const sealed = vectors.sealed_task_ids.find(({ key }) => key === name);
    if (assertion === undefined || sealed === undefined) throw new Error(`no vectors for ${name}`);
    check('tampering', `${name}: a header`, () => requireHeaderProtected(core, agentKey, assertion));
    check('tampering', `${name}: a signature`, () => requireSignatureProtected(core, agentKey, assertion));
    check('tampering', `${name}: a sealed task id`, () => requireSealProtected(core, agentKey, sealed));
  }
}

/**
 * Changes each character of the header. The header must be refused when parsed, or must not verify.
 *
 * @param {import('./vectors.mjs').Core} core
 * @param {import('agent-identity-core').AgentKey} agentKey
 * @param {import('./vectors.mjs').Vectors['assertions'][number]} vector
 */
function requireHeaderProtected(core, { publicKey }, { header, timestamp }) {
  const clock = () => Date.parse(timestamp);
  for (let i = 0; i < header.length; i += 1) {
    const other = header[i] === 'A' ? 'B' : 'A';
    const changed = header.slice(0, i) + other + header.slice(i + 1);
    let accepted = false;
    try {
      core.verifyAgentAssertion(core.parseAgentAssertion(changed), { publicKey }, { clock });
      accepted = true;
    } catch (error) {
      if (!core.isAgentIdentityError(error)) throw error;
    }
    if (accepted) throw new Error(`character ${i} of the header can be changed`);
  }
}

/**
 * Changes one bit in each byte of the signature of an assertion and of a registration.
 *
 * @param {import('./vectors.mjs').Core} core
 * @param {import('agent-identity-core').AgentKey} agentKey
 * @param {import('./vectors.mjs').Vectors['assertions'][number]} vector
 */
function requireSignatureProtected(core, agentKey, vector) {
  const { publicKey } = agentKey;
  const { agent_runtime_id: agentRuntimeId, task_id: taskId, timestamp } = vector;
  const effects = { clock: () => Date.parse(timestamp) };
  const registration = core.signTaskRegistration({ agentKey, agentRuntimeId }, effects);
  for (let byte = 0; byte < 64; byte += 1) {
    const change = (/** @type {string} */ signature) =>
      base64OfBytes(withBitChanged(bytesOfBase64(signature), byte * 8 + (byte % 8)));
    const assertion = { agentRuntimeId, taskId, timestamp, signature: change(vector.signature) };
    const changed = { agentRuntimeId, timestamp, signature: change(registration.signature) };
    for (const verify of [
      () => core.verifyAgentAssertion(assertion, { publicKey }, effects),
      () => core.verifyTaskRegistration(changed, { publicKey }, effects),
    ]) {
      requireRefusal('invalid_signature', verify, `byte ${byte} of the signature changed`);
    }
  }
}

/**
 * Changes one bit in each byte of the sealed box, and truncates the box at each byte.
 *
 * @param {import('./vectors.mjs').Core} core
 * @param {import('agent-identity-core').AgentKey} agentKey
 * @param {import('./vectors.mjs').Vectors['sealed_task_ids'][number]} vector
 */
function requireSealProtected(core, agentKey, vector) {
  const sealed = bytesOfBase64(vector.encrypted_task_id);
  for (let byte = 0; byte < sealed.length; byte += 1) {
    for (const changed of [withBitChanged(sealed, byte * 8 + (byte % 8)), sealed.subarray(0, byte)]) {
      requireRefusal(
        'unreadable_sealed_task_id',
        () => core.openSealedTaskId(agentKey, base64OfBytes(changed)),
        `byte ${byte} of the sealed box changed, or the box truncated there`,
      );
    }
  }
}
