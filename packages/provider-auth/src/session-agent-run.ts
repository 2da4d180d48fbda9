import { isAgentIdentityError } from 'agent-identity-core';
import { type Auth, type AuthCredentials, openAuth } from './auth/auth.js';
import { bootstrapOrFallBack } from './bearer-fallback.js';
import type { AgentRun } from './run/agent-run.js';
import { openAgentRun } from './run/open-agent-run.js';
import type { RunScopeState } from './run/run-scope.js';
import { isTerminalCode } from './run/terminal-refusal.js';

/**
 * The agent run of an auth in a scope, the same for all providers: started once, however many ask, and again only after
 * it has failed, unless for a runtime that is gone for good. A bearer fallback is no failure: it stays for as long as
 * the scope lives.
 *
 * @returns `undefined` where no agent identity signs
 */
export function sessionAgentRun(auth: Auth, scope: RunScopeState): Promise<AgentRun | undefined> {
  const known = scope.agentRuns.get(auth);
  if (known !== undefined) return known;
  const run = startSessionRun(openAuth(auth).credentials, scope);
  scope.agentRuns.set(auth, run);
  run.catch((error) => {
    if (!isAgentIdentityError(error) || !isTerminalCode(error.code)) scope.agentRuns.delete(auth);
  });
  return run;
}

async function startSessionRun(
  credentials: AuthCredentials,
  scope: RunScopeState,
): Promise<AgentRun | undefined> {
  if (credentials.kind === 'agent_identity') return openAgentRun(credentials.source, scope);
  if (credentials.kind !== 'chatgpt') return undefined;
  const identity = await bootstrapOrFallBack(credentials, scope);
  if (identity === undefined) return undefined;
  const { taskStore } = credentials;
  return openAgentRun({ auth: identity, registration: credentials.registration(), taskStore }, scope);
}
