import { encodeUtf8 } from '../encoding/utf8.js';

/** The bytes that an assertion signs (docs/protocol.md section 3). */
export function assertionMessage(agentRuntimeId: string, taskId: string, timestamp: string): Uint8Array {
  return encodeUtf8(`${agentRuntimeId}:${taskId}:${timestamp}`);
}

/** The bytes that a task registration signs (docs/protocol.md section 5). */
export function taskRegistrationMessage(agentRuntimeId: string, timestamp: string): Uint8Array {
  return encodeUtf8(`${agentRuntimeId}:${timestamp}`);
}
