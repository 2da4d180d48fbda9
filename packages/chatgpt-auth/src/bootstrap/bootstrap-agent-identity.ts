import { type AgentIdentityError, isAgentIdentityError } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import {
  type AgentIdentityAuth,
  isRegistrationError,
  resolveAuthapiBaseUrl,
  startAgentIdentityAuth,
} from 'agent-identity-registry';
import { type AccountBinding, bindAccount } from '../account/account-binding.js';
import { requireSameLogin } from '../account/require-same-login.js';
import type { TokenSession } from '../bearer/token-session.js';
import type { CheckedOptions } from '../chatgpt-auth-options.js';
import { chatgptAuthError } from '../errors.js';
import type { RuntimeEffects } from '../runtime/runtime-effects.js';
import { Turns } from '../runtime/turns.js';
import type { AuthStore } from '../store/auth-store.js';
import {
  type RegistrationContext,
  registerRecord,
  registryOptions,
  withRunTask,
} from './register-agent-identity.js';
import { findReusableRecord, hasTask } from './reuse-stored-record.js';
import { saveRecord } from './save-record.js';
import { rememberUnavailable, requireAvailable, type UnavailableScope } from './unavailable-window.js';

/**
 * Gets the agent identity of a managed ChatGPT login (docs/protocol.md section 9): reuses the stored record, completes one that
 * has no task, or registers a runtime and a task and saves them. A record that is whole is used without a lock, a write
 * or a request.
 *
 * @throws AgentIdentityError `agent_identity_unavailable`, `logged_out`, `account_changed`, `incomplete_chatgpt_auth`,
 * and whatever the store, the token refresh and a final registration error bring
 */
export async function bootstrapAgentIdentity(
  session: TokenSession,
  options: CheckedOptions,
  effects: RuntimeEffects,
): Promise<AgentIdentityAuth> {
  const context = { ...options, authapiBaseUrl: resolveAuthapiBaseUrl(authapiOptions(options)) };
  const record = await findRecord(session, context, effects);
  return startAgentIdentityAuth(record, registryOptions(context), effects.registry);
}

function authapiOptions({ chatgptBaseUrl, authapiBaseUrl, allowPlainHttpHosts }: CheckedOptions) {
  return { chatgptBaseUrl, authapiBaseUrl, allowPlainHttpHosts };
}

type Context = CheckedOptions & RegistrationContext;

async function findRecord(
  session: TokenSession,
  context: Context,
  effects: RuntimeEffects,
): Promise<AgentIdentityRecord> {
  const login = await session.reread();
  const binding = bindAccount(login, context.forcedWorkspaceIds);
  const stored = findReusableRecord(login, binding);
  if (hasTask(stored)) return stored;
  const scope = { accountId: binding.accountId, authapiBaseUrl: context.authapiBaseUrl };
  requireAvailable(scope, effects.clock);
  return turns.take(JSON.stringify(scope), () => {
    requireAvailable(scope, effects.clock);
    return exclusively(context.store, scope, effects, () =>
      completeRecord(session, binding, context, effects),
    );
  });
}

/** One bootstrap at a time in this process, whatever store it is for: the next one finds what the last one left. */
const turns = new Turns();

/**
 * Runs work under the bootstrap lock. When that cannot be had in time, since those before us wait for an AuthAPI that
 * does not answer, or the work fails for now, the agent identity is unavailable from then on.
 */
async function exclusively<T>(
  store: AuthStore,
  scope: UnavailableScope,
  { clock }: RuntimeEffects,
  work: () => Promise<T>,
): Promise<T> {
  let hasLock = false;
  try {
    return await store.exclusively('bootstrap', () => {
      hasLock = true;
      return work();
    });
  } catch (error) {
    if (!isRegistrationError(error) && (hasLock || !isLockUnavailable(error))) throw error;
    if (!error.retryable) throw error;
    const unavailable = unavailableError(error);
    rememberUnavailable(scope, unavailable, clock);
    throw unavailable;
  }
}

function isLockUnavailable(error: unknown): error is AgentIdentityError {
  return isAgentIdentityError(error) && error.code === 'lock_unavailable';
}

/**
 * Under the lock: looks again, since another process may have been first, then makes sure that a record could be
 * saved, registers what is missing, and saves it.
 */
async function completeRecord(
  session: TokenSession,
  binding: AccountBinding,
  context: Context,
  effects: RuntimeEffects,
): Promise<AgentIdentityRecord> {
  const login = await session.reread();
  const stored = findReusableRecord(login, binding);
  if (hasTask(stored)) return stored;
  await context.store.requireWritable?.();
  const started = stored ?? (await register(session, binding, context, effects));
  const whole = await withRunTask(started, context, effects.registry);
  return saveRecord(whole, binding, context.store, (text) =>
    requireSameLogin(text, login, context.forcedWorkspaceIds),
  );
}

async function register(
  session: TokenSession,
  binding: AccountBinding,
  context: Context,
  effects: RuntimeEffects,
): Promise<AgentIdentityRecord> {
  const { accessToken } = await session.freshTokens();
  return registerRecord(binding, accessToken, context, effects.registry);
}

function unavailableError(cause: AgentIdentityError): AgentIdentityError {
  return chatgptAuthError(
    'agent_identity_unavailable',
    'agent identity: registering it failed for now; it is not tried again within an hour, use the bearer token',
    { retryable: true, cause },
  );
}
