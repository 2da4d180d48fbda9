import { encodeBase64 } from '../encoding/base64.js';
import { coreError } from '../errors.js';
import type { AssertionSubject } from './agent-assertion.js';

/**
 * The signature of a message in standard base64. The key may be of the caller's own making, so its answer is looked at:
 * one that signs asynchronously, say, cannot be used.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function signMessage(agentKey: AssertionSubject['agentKey'], message: Uint8Array): string {
  const signature: unknown = agentKey.sign(message);
  if (signature instanceof Uint8Array && signature.length === 64) return encodeBase64(signature);
  throw coreError('invalid_argument', 'agentKey: expected sign() to give the 64 bytes of a signature');
}
