import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import {
  agentIdentityJwksUrl,
  decodeUnverifiedAgentIdentityJwt,
  type JwksSource,
  recordFromClaims,
  remoteJwks,
  verifyAgentIdentityJwt,
} from 'agent-identity-jwt';
import { resolveAuthapiBaseUrl, type StartAgentIdentityAuthOptions } from 'agent-identity-registry';
import { requireAllowedWorkspace } from 'chatgpt-auth';
import type { AgentIdentitySource, TaskStore } from '../run/agent-identity-source.js';
import type { RunScopeState } from '../run/run-scope.js';
import { startRunTask } from '../run/start-run-task.js';
import type { AuthOptions } from './auth-options.js';

/** What agent identities are started with. */
export interface StartContext {
  /** With the base URLs of the environment filled in. */
  readonly options: AuthOptions;
  readonly scope: RunScopeState;
  /** Ends this caller's wait. */
  readonly signal: AbortSignal | undefined;
}

/**
 * From a JWT to a run: decode, fetch the key set, verify, register the run task, in this order (docs/protocol.md section 7).
 *
 * @param jwt **Secret.**
 * @throws AgentIdentityError the codes of agent-identity-jwt; `workspace_not_allowed`
 * @throws RegistrationError
 */
export async function startFromJwt(jwt: string, context: StartContext): Promise<AgentIdentitySource> {
  const { options, scope, signal } = context;
  decodeUnverifiedAgentIdentityJwt(jwt);
  registrationOf(options); // an AuthAPI that is not known fails before anything is sent
  const claims = await verifyAgentIdentityJwt(
    jwt,
    { jwks: jwksOf(context) },
    { clock: scope.clock.now, ...(signal && { signal }) },
  );
  return startFromRecord(recordFromClaims(claims), context);
}

/**
 * From a record to a run: takes its task, or registers one.
 *
 * @param record **Secret.**
 * @throws AgentIdentityError `invalid_agent_identity_record`, `invalid_agent_key`, `workspace_not_allowed`
 * @throws RegistrationError
 */
export async function startFromRecord(
  record: AgentIdentityRecord,
  { options, scope, signal }: StartContext,
  taskStore?: TaskStore,
): Promise<AgentIdentitySource> {
  requireAllowedWorkspace(Object(record)['account_id'], options.forcedWorkspaceIds ?? []);
  const registration = registrationOf(options);
  const auth = await startRunTask({ record, registration, purpose: 'run', signal }, scope);
  return { auth, registration, taskStore };
}

/** @throws AgentIdentityError `unknown_chatgpt_base_url`, `insecure_url`, `invalid_base_url` */
export function registrationOf(options: AuthOptions): StartAgentIdentityAuthOptions {
  const { chatgptBaseUrl, authapiBaseUrl, allowPlainHttpHosts } = options;
  return {
    ...secureUrlOf(options),
    authapiBaseUrl: resolveAuthapiBaseUrl({ chatgptBaseUrl, authapiBaseUrl, allowPlainHttpHosts }),
  };
}

function jwksOf({ options, scope }: StartContext): JwksSource {
  if (options.jwks !== undefined) return options.jwks;
  const secureUrl = secureUrlOf(options);
  const url = agentIdentityJwksUrl(options.jwtBaseUrl ?? options.chatgptBaseUrl, secureUrl);
  return remoteJwks(url, secureUrl, { fetch: scope.effects.fetch });
}

export function secureUrlOf({ allowPlainHttpHosts }: AuthOptions): {
  allowPlainHttpHosts?: readonly string[];
} {
  return allowPlainHttpHosts === undefined ? {} : { allowPlainHttpHosts };
}
