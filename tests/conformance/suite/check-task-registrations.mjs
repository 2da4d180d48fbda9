import { requireEqual, requireRefusal } from './checks.mjs';
import { agentKeyNamed } from './vectors.mjs';

/**
 * Checks the bodies of task registrations byte for byte: signed and verified (docs/protocol.md section 5).
 *
 * @param {import('./vectors.mjs').Check} check
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Vectors} vectors
 */
export function checkTaskRegistrations(check, core, vectors) {
  for (const vector of vectors.task_registrations) {
    const name = `${vector.key} ${vector.agent_runtime_id} ${vector.timestamp}`;
    check('task registrations', name, () => requireTaskRegistration(core, vectors, vector));
  }
}

/**
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Vectors} vectors
 * @param {import('./vectors.mjs').Vectors['task_registrations'][number]} vector
 */
function requireTaskRegistration(core, vectors, vector) {
  const agentKey = agentKeyNamed(core, vectors, vector.key);
  const { agent_runtime_id: agentRuntimeId, timestamp, signature } = vector;
  const { publicKey } = agentKey;
  const atThatTime = { clock: () => Date.parse(timestamp) };

  const signed = core.signTaskRegistration({ agentKey, agentRuntimeId }, atThatTime);
  requireEqual(signed, { timestamp, signature }, 'body');
  core.verifyTaskRegistration({ agentRuntimeId, ...signed }, { publicKey }, atThatTime);
  const other = { agentRuntimeId: `${agentRuntimeId}2`, ...signed };
  requireRefusal(
    'invalid_signature',
    () => core.verifyTaskRegistration(other, { publicKey }, atThatTime),
    'another runtime',
  );
}
