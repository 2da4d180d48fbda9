import { encodeUtf8 } from '../encoding/utf8.js';

/** What the signature of an assertion is over (docs/protocol.md section 3). */
export function assertionMessage(agentRuntimeId: string, taskId: string, timestamp: string): Uint8Array {
  return encodeUtf8(`${agentRuntimeId}:${taskId}:${timestamp}`);
}

/** What the signature of a task registration is over (docs/protocol.md section 5). */
export function taskRegistrationMessage(agentRuntimeId: string, timestamp: string): Uint8Array {
  return encodeUtf8(`${agentRuntimeId}:${timestamp}`);
}
