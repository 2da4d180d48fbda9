import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import { isRegistrationError } from 'agent-identity-registry';
import { parseAuthJson } from '../auth-json/parse-auth-json.js';
import { setMember } from '../auth-json/set-member.js';
import type { TerminalReason } from '../auth-json/stored-credentials.js';
import { findAgentRuntimeId } from '../auth-json/terminal-reason.js';
import type { AuthStore } from './auth-store.js';

/** An agent runtime that can never be used again. */
export interface TerminalState {
  readonly agentRuntimeId: string;
  readonly reason: TerminalReason;
}

/**
 * Remembers with the stored identity that its runtime can never be used again (docs/protocol.md section 11), so that the
 * next process sends nothing for it. The member `agent_identity_terminal` of the document holds it: the published client
 * ignores that member, and a new login writes the document without it. Writes nothing unless the store holds an
 * identity of this runtime. Read it as `terminalReason` of the credentials.
 *
 * @throws AgentIdentityError `invalid_argument`, and those of `AuthStore.update`
 * @example
 * ```ts
 * import { type AuthStore, rememberTerminalState } from 'chatgpt-auth';
 *
 * const remember = (store: AuthStore, agentRuntimeId: string) =>
 *   rememberTerminalState(store, { agentRuntimeId, reason: 'agent_runtime_deleted' });
 * ```
 */
export async function rememberTerminalState(store: AuthStore, state: TerminalState): Promise<void> {
  requireKnownOptions(state, ['agentRuntimeId', 'reason'], 'state');
  const { agentRuntimeId, reason } = state;
  if (reason !== 'agent_runtime_deleted' && reason !== 'invalid_agent_runtime_id') {
    throw invalidArgument('reason', 'agent_runtime_deleted or invalid_agent_runtime_id', reason);
  }
  await store.update((text) => {
    if (text === undefined) return undefined;
    const credentials = parseAuthJson(text, { location: store.location });
    if (findAgentRuntimeId(credentials) !== agentRuntimeId) return undefined;
    return setMember(text, ['agent_identity_terminal'], { agent_runtime_id: agentRuntimeId, reason });
  });
}

/** Why the task registration of a runtime can never succeed; `undefined` if it may (docs/protocol.md section 11). */
export function findTerminalReason(error: unknown): TerminalReason | undefined {
  if (!isRegistrationError(error)) return undefined;
  const { code } = error;
  return code === 'agent_runtime_deleted' || code === 'invalid_agent_runtime_id' ? code : undefined;
}
