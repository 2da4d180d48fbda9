import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import { toMontgomery } from '../agent-key/edwards25519.js';
import { requireId } from '../assertion/require-id.js';
import { encodeBase64 } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/utf8.js';
import { sealBox } from './sealed-box.js';

/**
 * Seals a task id to a registered public key as a NaCl sealed box, which only the agent's key can open (docs/protocol.md
 * sections 2 and 5). Sealing is randomized: each call returns different bytes.
 *
 * @returns Standard base64.
 * @throws AgentIdentityError `invalid_argument` for a blank task id
 * @example
 * ```ts
 * import { generateAgentKey, sealTaskId } from 'agent-identity-core';
 *
 * const { publicKey } = generateAgentKey();
 * const encryptedTaskId = sealTaskId(publicKey, 'task-1');
 * ```
 */
export function sealTaskId(publicKey: AgentPublicKey, taskId: string): string {
  requireId(taskId, 'taskId');
  return encodeBase64(sealBox(toMontgomery(publicKey.bytes), encodeUtf8(taskId)));
}
