import { isRegistrationError } from 'agent-identity-registry';
import { type ProviderAuthError, providerAuthError } from '../errors.js';

/** Why nothing more is sent for an agent runtime (docs/protocol.md section 11). */
export type TerminalCode = 'agent_runtime_deleted' | 'invalid_agent_runtime_id';

export function isTerminalCode(code: string): code is TerminalCode {
  return code === 'agent_runtime_deleted' || code === 'invalid_agent_runtime_id';
}

/** What a server says of a deleted runtime: this message, whole (docs/protocol.md section 11). */
export const deletedMessage = 'Agent runtime has been deleted.';

/** Why a task registration can never succeed; `undefined` if it may. */
export function terminalCodeOf(error: unknown): TerminalCode | undefined {
  if (!isRegistrationError(error)) return undefined;
  const { status, serverError } = error;
  if (status === 403 && serverError?.message === deletedMessage) return 'agent_runtime_deleted';
  if (status === 400 && serverError?.code === 'invalid_agent_runtime_id') return 'invalid_agent_runtime_id';
  return undefined;
}

/** What every further call gets. */
export function terminalError(code: TerminalCode, cause?: unknown): ProviderAuthError {
  const said =
    code === 'agent_runtime_deleted' ? 'the agent runtime is deleted' : 'there is no such agent runtime';
  return providerAuthError(code, `the server said that ${said}; nothing more is sent for it`, { cause });
}
