import { isAgentIdentityError } from 'agent-identity-core';
import type { AgentIdentityAuth } from 'agent-identity-registry';
import type { ChatgptAuth } from 'chatgpt-auth';
import { learnFromRegistration } from '../run/register-with-clock-retry.js';
import type { RunScopeState } from '../run/run-scope.js';

/** Whether a ChatGPT login may obtain an agent identity: the policy allows it, and the login is a managed one. */
export function mayBootstrap({ policy, credentials }: ChatgptAuth): boolean {
  return policy === 'chatgpt-auth' && credentials.kind === 'chatgpt';
}

/**
 * Obtains the agent identity of a ChatGPT login (docs/protocol.md sections 9 and 10). If it is unavailable, the session
 * falls back to the bearer token for the rest of its life. A final error is not hidden by the fallback.
 *
 * @returns `undefined` for bearer
 * @throws AgentIdentityError the codes of chatgpt-auth except `agent_identity_unavailable`
 * @throws RegistrationError if a registration was refused permanently
 */
export async function bootstrapOrFallBack(
  chatgpt: ChatgptAuth,
  scope: RunScopeState,
): Promise<AgentIdentityAuth | undefined> {
  if (!mayBootstrap(chatgpt) || scope.isBearerFallbackEngaged) return undefined;
  try {
    return await scope.observation.watch(
      { name: 'bootstrap' },
      () => bootstrapWithClockRetry(chatgpt, scope),
      (auth) =>
        auth === undefined ? {} : { agentRuntimeId: auth.record.agent_runtime_id, taskId: auth.runTaskId },
    );
  } catch (error) {
    if (!isAgentIdentityError(error, 'agent_identity_unavailable')) throw error;
    engageFallback(scope, error.code);
    return undefined;
  }
}

/** Once per run, even if several logins are used in it. */
function engageFallback(scope: RunScopeState, errorCode: string): void {
  if (scope.isBearerFallbackEngaged) return;
  scope.isBearerFallbackEngaged = true;
  scope.observation.notify({ type: 'bearer_fallback_engaged', errorCode });
}

/** A bootstrap that is refused while the local clock is off is tried once more, with the server's time. */
async function bootstrapWithClockRetry(
  chatgpt: ChatgptAuth,
  scope: RunScopeState,
): Promise<AgentIdentityAuth | undefined> {
  const { offsetSeconds } = scope.clock;
  try {
    return await chatgpt.agentIdentityAuth();
  } catch (error) {
    if (!learnFromRegistration(error, offsetSeconds, scope)) throw error;
  }
  return chatgpt.agentIdentityAuth();
}
