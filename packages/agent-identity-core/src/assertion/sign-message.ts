import { encodeBase64 } from '../encoding/base64.js';
import { coreError } from '../errors.js';
import type { AssertionSubject } from './agent-assertion.js';

/**
 * Signs a message and returns the signature in standard base64.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function signMessage(agentKey: AssertionSubject['agentKey'], message: Uint8Array): string {
  return encodeBase64(signBytes(agentKey, message));
}

/**
 * Signs a message and returns the 64 bytes of the signature. The caller may use a custom key, so the result is
 * checked: a key that signs asynchronously, for example, is refused.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function signBytes(agentKey: AssertionSubject['agentKey'], message: Uint8Array): Uint8Array {
  const signature: unknown = agentKey.sign(message);
  if (signature instanceof Uint8Array && signature.length === 64) return signature;
  const hint = isThenable(signature) ? ', got a promise: an AgentSigner needs the asynchronous function' : '';
  throw coreError('invalid_argument', `agentKey: expected sign() to return a Uint8Array of 64 bytes${hint}`);
}

/** Whether a value is a promise. Its rejection is handled, because nobody else waits for it. */
function isThenable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || typeof Reflect.get(value, 'then') !== 'function')
    return false;
  Promise.resolve(value).catch(() => {});
  return true;
}
