import { requireEqual, requireRefusal } from './checks.mjs';
import { agentKeyNamed, agentKeyOtherThan } from './vectors.mjs';

/**
 * Opens task ids that libsodium sealed, and seals and opens them again (docs/protocol.md section 5). libsodium sealed them
 * to the X25519 public key of the vector, so opening them also checks the derived X25519 secret.
 *
 * @param {import('./vectors.mjs').Check} check
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Vectors} vectors
 */
export function checkSealedTaskIds(check, core, vectors) {
  for (const vector of vectors.sealed_task_ids) {
    const name = `${vector.key} ${vector.task_id.slice(0, 20)}`;
    check('sealed task ids', name, () => requireSealedTaskId(core, vectors, vector));
  }
}

/**
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Vectors} vectors
 * @param {import('./vectors.mjs').Vectors['sealed_task_ids'][number]} vector
 */
function requireSealedTaskId(core, vectors, vector) {
  const agentKey = agentKeyNamed(core, vectors, vector.key);
  const otherKey = agentKeyOtherThan(core, vectors, vector.key);
  const { task_id: taskId, encrypted_task_id: sealed } = vector;
  requireEqual(core.openSealedTaskId(agentKey, sealed), taskId, 'opened');
  const ours = core.sealTaskId(core.readSshPublicKey(agentKey.publicKey.ssh), taskId);
  requireEqual(ours.length, sealed.length, 'length of the resealed task id');
  requireEqual(core.openSealedTaskId(agentKey, ours), taskId, 'resealed task id, opened');
  for (const text of [sealed, ours]) {
    requireRefusal(
      'unreadable_sealed_task_id',
      () => core.openSealedTaskId(otherKey, text),
      'the key of another agent',
    );
  }
}
