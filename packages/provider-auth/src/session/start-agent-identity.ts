import type { AgentSigner } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import {
  agentIdentityJwksUrl,
  type JwksSource,
  recordFromClaims,
  remoteJwks,
  verifyAgentIdentityJwt,
} from 'agent-identity-jwt';
import {
  type RegisterRunTaskOptions,
  readAgentIdentity,
  resolveAuthapiBaseUrl,
} from 'agent-identity-registry';
import { requireAllowedWorkspace } from 'chatgpt-auth';
import { registerWithClockRetry } from '../run/register-with-clock-retry.js';
import type { RunScopeState } from '../run/run-scope.js';
import type { StoredIdentity } from '../run/stored-identity.js';
import { isTerminalError } from '../run/terminal-refusal.js';
import { agentIdentityCredentials } from './agent-identity-credentials.js';
import type { ResolvedLoadAuthOptions } from './resolve-load-auth-options.js';
import type { SessionCredentials } from './session-auth.js';

/** The inputs of one call of `loadAuth`. */
export interface LoadContext {
  readonly options: ResolvedLoadAuthOptions;
  readonly scope: RunScopeState;
  /** Ends this caller's wait. */
  readonly signal: AbortSignal | undefined;
}

/** A record to start a run from. */
export interface AgentIdentityStart {
  /** **Secret.** */
  readonly record: AgentIdentityRecord;
  /** Signs for a record without a key. */
  readonly signer?: AgentSigner | undefined;
  readonly reason: string;
  readonly stored?: StoredIdentity | undefined;
}

/**
 * Starts a run from an Agent Identity JWT: decodes it, fetches the JWKS, verifies it, and registers the run task, in this
 * order (docs/protocol.md section 7).
 *
 * @param jwt **Secret.**
 * @throws AgentIdentityError the codes of agent-identity-jwt and agent-identity-registry; `workspace_not_allowed`
 * @throws RegistrationError
 */
export async function startFromJwt(
  { jwt, ...start }: Omit<AgentIdentityStart, 'record'> & { readonly jwt: string },
  context: LoadContext,
): Promise<SessionCredentials> {
  const { options, scope, signal } = context;
  const registration = registrationOptions(options); // An unknown AuthAPI fails before anything is sent.
  const claims = await verifyAgentIdentityJwt(
    jwt,
    { jwks: options.jwks ?? openJwks(context) },
    { clock: scope.clock.now, signal },
  );
  return startRun({ ...start, record: recordFromClaims(claims) }, registration, context);
}

/**
 * Starts a run from a record: uses its task, or registers one.
 *
 * @throws AgentIdentityError `invalid_agent_identity_record`, `invalid_agent_key`, `workspace_not_allowed`
 * @throws RegistrationError
 */
export function startFromRecord(
  start: AgentIdentityStart,
  context: LoadContext,
): Promise<SessionCredentials> {
  return startRun(start, registrationOptions(context.options), context);
}

async function startRun(
  { record, signer, reason, stored }: AgentIdentityStart,
  options: RegisterRunTaskOptions,
  { options: { forcedWorkspaceIds }, scope, signal }: LoadContext,
): Promise<SessionCredentials> {
  const identity = signer === undefined ? readAgentIdentity(record) : readAgentIdentity(record, signer);
  requireAllowedWorkspace(identity.record.account_id, forcedWorkspaceIds);
  const { agentRuntimeId, storedTaskId } = identity;
  try {
    const taskId =
      storedTaskId ?? (await registerWithClockRetry({ identity, options, purpose: 'run', signal }, scope));
    return agentIdentityCredentials({ identity, options, taskId, stored, reason }, scope);
  } catch (error) {
    if (isTerminalError(error)) {
      // If it cannot be saved, the next process sends one more request.
      await stored?.rememberEnd({ agentRuntimeId, reason: error.code }).catch(() => {});
    }
    throw error;
  }
}

/** @throws AgentIdentityError `unknown_chatgpt_base_url`, `insecure_url`, `invalid_base_url` */
export function registrationOptions(options: ResolvedLoadAuthOptions): RegisterRunTaskOptions {
  const { chatgptBaseUrl, authapiBaseUrl, allowPlainHttpHosts, userAgent, originator } = options;
  return {
    authapiBaseUrl: resolveAuthapiBaseUrl({ chatgptBaseUrl, authapiBaseUrl, allowPlainHttpHosts }),
    allowPlainHttpHosts,
    userAgent,
    originator,
  };
}

function openJwks({ options, scope }: LoadContext): JwksSource {
  const { jwtBaseUrl, chatgptBaseUrl, allowPlainHttpHosts, userAgent, originator } = options;
  const url = agentIdentityJwksUrl(jwtBaseUrl ?? chatgptBaseUrl, { allowPlainHttpHosts });
  const { fetch, monotonicClock } = scope.effects;
  return remoteJwks(url, { allowPlainHttpHosts, userAgent, originator }, { fetch, monotonicClock });
}
