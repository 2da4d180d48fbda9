import { isAgentIdentityError } from 'agent-identity-core';
import type { AgentIdentityAuth } from 'agent-identity-registry';
import type { ChatgptAuth } from 'chatgpt-auth';
import type { ChatgptCredentials } from './auth/auth.js';
import type { RunScopeState } from './run/run-scope.js';
import { isClockCorrected } from './run/start-run-task.js';
import { terminalCodeOf, terminalError } from './run/terminal-refusal.js';

/** Whether a ChatGPT login may obtain an agent identity at all: by policy, and because it is managed. */
function mayBootstrap({ chatgpt }: ChatgptCredentials): boolean {
  return chatgpt.policy === 'chatgpt-auth' && chatgpt.credentials.kind === 'chatgpt';
}

/** Why a ChatGPT login signs as an agent, or does not; a sentence for people. */
export function whyChosen(credentials: ChatgptCredentials, signsAs: 'agent' | 'bearer'): string {
  if (signsAs === 'agent') return 'the policy chatgpt-auth lets it have an agent identity';
  if (mayBootstrap(credentials)) {
    return 'agent identity was unavailable, so the session has fallen back to its bearer token';
  }
  return credentials.chatgpt.policy === 'chatgpt-auth'
    ? 'its tokens are supplied from outside, so it has no agent identity'
    : 'the policy jwt-only gives it no agent identity';
}

/**
 * Asks a ChatGPT login for an agent identity (docs/protocol.md sections 9 and 10). If that is unavailable for now, the session
 * falls back to its bearer token, and does not ask again. A final error is not hidden.
 *
 * @returns `undefined` for bearer
 * @throws AgentIdentityError the codes of chatgpt-auth but `agent_identity_unavailable`; `agent_runtime_deleted`,
 * `invalid_agent_runtime_id`
 * @throws RegistrationError a registration that was refused for good
 */
export async function bootstrapOrFallBack(
  credentials: ChatgptCredentials,
  scope: RunScopeState,
): Promise<AgentIdentityAuth | undefined> {
  if (!mayBootstrap(credentials) || scope.isBearerFallbackEngaged) return undefined;
  try {
    return await scope.observation.watch(
      { name: 'bootstrap' },
      () => bootstrap(credentials, scope),
      (identity) =>
        identity === undefined
          ? {}
          : { agentRuntimeId: identity.record.agent_runtime_id, taskId: identity.runTaskId },
    );
  } catch (error) {
    if (!isAgentIdentityError(error) || error.code !== 'agent_identity_unavailable') throw error;
    engageFallback(scope, error.code);
    return undefined;
  }
}

/** Once for a scope, however many logins are used in it. */
function engageFallback(scope: RunScopeState, errorCode: string): void {
  if (scope.isBearerFallbackEngaged) return;
  scope.isBearerFallbackEngaged = true;
  scope.observation.notify({ type: 'bearer_fallback_engaged', errorCode });
}

/** A stored runtime that is gone is told as that (docs/protocol.md section 11). */
async function bootstrap(
  credentials: ChatgptCredentials,
  scope: RunScopeState,
): Promise<AgentIdentityAuth | undefined> {
  try {
    return await bootstrapInStep(await credentials.openIn(scope), scope);
  } catch (error) {
    const code = terminalCodeOf(error);
    throw code === undefined ? error : terminalError(code, error);
  }
}

/** Once more if it was refused while our clock was off. */
async function bootstrapInStep(
  chatgpt: ChatgptAuth,
  scope: RunScopeState,
): Promise<AgentIdentityAuth | undefined> {
  const { offsetSeconds } = scope.clock;
  try {
    return await chatgpt.agentIdentityAuth();
  } catch (error) {
    if (!isClockCorrected(error, offsetSeconds, scope)) throw error;
  }
  return chatgpt.agentIdentityAuth();
}
