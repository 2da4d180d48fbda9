import { type AgentIdentityError, isAgentIdentityError } from 'agent-identity-core';
import { type ProviderAuthError, providerAuthError } from '../errors.js';

/** Why nothing more is sent for an agent runtime (docs/protocol.md section 11). */
export type TerminalCode = 'agent_runtime_deleted' | 'invalid_agent_runtime_id';

/** Whether an error ends every run of its agent runtime. */
export function isTerminalError(error: unknown): error is AgentIdentityError<TerminalCode> {
  return isAgentIdentityError(error, 'agent_runtime_deleted', 'invalid_agent_runtime_id');
}

/** Creates the error that every further call for the runtime throws. */
export function terminalError(code: TerminalCode, cause?: unknown): ProviderAuthError {
  const state = code === 'agent_runtime_deleted' ? 'is deleted' : 'is unknown';
  const message = `the server said that the agent runtime ${state}; nothing more is sent for it`;
  return providerAuthError(code, message, { cause });
}
