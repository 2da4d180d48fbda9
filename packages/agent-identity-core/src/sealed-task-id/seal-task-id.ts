import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import { toMontgomery } from '../agent-key/edwards25519.js';
import { requireId } from '../assertion/require-id.js';
import { encodeBase64 } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/utf8.js';
import { sealBox } from './sealed-box.js';

/**
 * Seals a task id to a registered public key, as a NaCl sealed box that only the agent's key opens (protocol
 * sections 2 and 5). Each sealing gives other bytes.
 *
 * @returns standard base64
 * @throws AgentIdentityError `invalid_argument` for a blank task id
 */
export function sealTaskId(publicKey: AgentPublicKey, taskId: string): string {
  requireId(taskId, 'taskId');
  return encodeBase64(sealBox(toMontgomery(publicKey.bytes), encodeUtf8(taskId)));
}
