import type { AgentKey } from '../agent-key/agent-key.js';
import { readPkcs8Base64 } from '../agent-key/pkcs8.js';
import { x25519Secret } from '../agent-key/x25519-secret.js';
import { decodeBase64 } from '../encoding/base64.js';
import { decodeUtf8 } from '../encoding/utf8.js';
import { coreError, describeType } from '../errors.js';
import { openBox, sealedBoxOverhead } from './sealed-box.js';

/**
 * Opens a task id that was sealed to the agent's public key and returns it untrimmed (docs/protocol.md section 5).
 *
 * @param sealedBase64 Standard base64 of the sealed box.
 * @throws AgentIdentityError `unreadable_sealed_task_id` if it is not base64, was changed, is for another key, or
 * contains no text or only white space
 * @example
 * ```ts
 * import { generateAgentKey, openSealedTaskId, sealTaskId } from 'agent-identity-core';
 *
 * const agentKey = generateAgentKey();
 * openSealedTaskId(agentKey, sealTaskId(agentKey.publicKey, 'task-1')); // 'task-1'
 * ```
 */
export function openSealedTaskId(agentKey: AgentKey, sealedBase64: string): string {
  const sealed = typeof sealedBase64 === 'string' ? decodeBase64(sealedBase64) : undefined;
  if (sealed === undefined) throw unreadable(`expected standard base64, got ${describeType(sealedBase64)}`);
  if (sealed.length <= sealedBoxOverhead)
    throw unreadable(`expected a sealed box of more than ${sealedBoxOverhead} bytes, got ${sealed.length}`);
  const taskId = decodeUtf8(open(agentKey, sealed));
  if (taskId === undefined) throw unreadable('the sealed bytes are not UTF-8');
  if (taskId.trim() === '') throw unreadable('the sealed task id is blank');
  return taskId;
}

function open(agentKey: AgentKey, sealed: Uint8Array): Uint8Array {
  const content = readPkcs8Base64(agentKey.toPkcs8Base64());
  if (typeof content === 'string')
    throw coreError('invalid_argument', `agentKey: its PKCS#8 document cannot be read: ${content}`);
  try {
    return openBox(x25519Secret(content.seed), sealed);
  } catch {
    throw unreadable('it was sealed for another key, or was changed');
  }
}

function unreadable(reason: string): Error {
  return coreError('unreadable_sealed_task_id', `sealed task id: ${reason}`);
}
