import { type AgentIdentityError, generateAgentKey, isAgentIdentityError } from 'agent-identity-core';
import { KeyedMutex, type RuntimeEffects } from 'agent-identity-core/http';
import {
  type AgentIdentity,
  type AgentIdentityAuth,
  createAgentIdentityAuth,
  createAgentIdentityRecord,
  isRegistrationError,
  type RegisterRunTaskOptions,
  readAgentIdentity,
  registerAgentRuntime,
  registerRunTask,
  resolveAuthapiBaseUrl,
} from 'agent-identity-registry';
import { type AccountBinding, bindAccount } from '../account/account-binding.js';
import { requireSameLogin } from '../account/require-same-login.js';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';
import type { TokenSession } from '../bearer/token-session.js';
import { chatgptAuthError } from '../errors.js';
import type { ResolvedOptions } from '../open-chatgpt-auth-options.js';
import type { AuthStore } from '../store/auth-store.js';
import { findTerminalReason, rememberTerminalState } from '../store/terminal-state.js';
import { findReusableIdentity } from './find-reusable-identity.js';
import { saveRecord } from './save-record.js';
import { rememberUnavailable, requireAvailable, type UnavailableScope } from './unavailable-window.js';

/** What one bootstrap works with. */
interface Bootstrap {
  readonly session: TokenSession;
  readonly options: ResolvedOptions;
  readonly registration: RegisterRunTaskOptions;
  readonly effects: RuntimeEffects;
}

/**
 * Gets the agent identity of a managed ChatGPT login (docs/protocol.md section 9): reuses the stored record, completes
 * one that has no task, or registers a runtime and a task and saves them. A complete record is used without a lock, a
 * write or a request.
 *
 * @throws AgentIdentityError `agent_identity_unavailable`, `logged_out`, `account_changed`, `incomplete_chatgpt_auth`,
 * and those of the store, of the token refresh and of a final registration error
 */
export async function bootstrapAgentIdentity(
  session: TokenSession,
  options: ResolvedOptions,
  effects: RuntimeEffects,
): Promise<AgentIdentityAuth> {
  const { chatgptBaseUrl, allowPlainHttpHosts, userAgent, originator } = options;
  const authapiBaseUrl = resolveAuthapiBaseUrl({
    chatgptBaseUrl,
    authapiBaseUrl: options.authapiBaseUrl,
    allowPlainHttpHosts,
  });
  const registration = { authapiBaseUrl, allowPlainHttpHosts, userAgent, originator };
  const identity = await findIdentity({ session, options, registration, effects });
  const taskId = await registerRunTask(identity, registration, effects);
  return createAgentIdentityAuth(identity, taskId, { clock: effects.clock });
}

async function findIdentity(bootstrap: Bootstrap): Promise<AgentIdentity> {
  const { session, options, registration, effects } = bootstrap;
  const login = await session.reread();
  const binding = bindAccount(login, options.forcedWorkspaceIds);
  const stored = findReusableIdentity(login, binding);
  if (stored !== undefined) requireUsable(login);
  if (stored?.storedTaskId !== undefined) return stored;
  const scope = { accountId: binding.accountId, authapiBaseUrl: registration.authapiBaseUrl };
  requireAvailable(scope, effects.monotonicClock);
  return mutex.run(JSON.stringify(scope), () => {
    requireAvailable(scope, effects.monotonicClock);
    return withBootstrapLock(options.store, scope, effects, () => completeIdentity(binding, bootstrap));
  });
}

/** @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id` */
function requireUsable({ terminalReason }: ChatgptCredentials): void {
  if (terminalReason === undefined) return;
  const reason = terminalReason === 'agent_runtime_deleted' ? 'it is deleted' : 'there is no such runtime';
  throw chatgptAuthError(
    terminalReason,
    `agent identity: a server said of the stored runtime that ${reason}; nothing more is sent for it; log in again`,
  );
}

/** Runs one bootstrap at a time in this process, for all stores: the next one finds the record that the last one stored. */
const mutex = new KeyedMutex();

/**
 * Runs work under the bootstrap lock. If the lock cannot be had in time, because the holders wait for an AuthAPI that
 * does not respond, or if the work fails in a retryable way, the agent identity is unavailable from then on.
 */
async function withBootstrapLock<T>(
  store: AuthStore,
  scope: UnavailableScope,
  { monotonicClock }: RuntimeEffects,
  work: () => Promise<T>,
): Promise<T> {
  let hasLock = false;
  try {
    return await store.withLock('bootstrap', () => {
      hasLock = true;
      return work();
    });
  } catch (error) {
    const isLockTimeout = !hasLock && isAgentIdentityError(error, 'lock_unavailable');
    if (!(isRegistrationError(error) || isLockTimeout) || !error.retryable) throw error;
    const unavailable = toUnavailable(error);
    rememberUnavailable(scope, unavailable, monotonicClock);
    throw unavailable;
  }
}

function toUnavailable(cause: AgentIdentityError): AgentIdentityError {
  return chatgptAuthError(
    'agent_identity_unavailable',
    'agent identity: registering failed for now and is not tried again within an hour; use the bearer token',
    { retryable: true, cause },
  );
}

/**
 * Runs under the lock: looks again, because another process may have been first; makes sure that a record could be
 * saved; registers what is missing; saves it.
 */
async function completeIdentity(binding: AccountBinding, bootstrap: Bootstrap): Promise<AgentIdentity> {
  const { session, options, registration, effects } = bootstrap;
  const login = await session.reread();
  const stored = findReusableIdentity(login, binding);
  if (stored !== undefined) requireUsable(login);
  if (stored?.storedTaskId !== undefined) return stored;
  await options.store.requireWritable?.();
  const identity = stored ?? (await registerIdentity(binding, bootstrap));
  const taskId = await registerRunTask(identity, registration, effects).catch(async (error: unknown) => {
    await rememberIfTerminal(error, identity, options.store);
    throw error;
  });
  return saveRecord({ ...identity.record, task_id: taskId }, binding, options.store, (text) =>
    requireSameLogin(text, login, options),
  );
}

async function rememberIfTerminal(
  error: unknown,
  { agentRuntimeId }: AgentIdentity,
  store: AuthStore,
): Promise<void> {
  const reason = findTerminalReason(error);
  if (reason === undefined) return;
  // Not saved means that the next process asks once more; the registration error counts.
  await rememberTerminalState(store, { agentRuntimeId, reason }).catch(() => undefined);
}

/** Generates a key and registers a runtime for the account. The key is kept nowhere but in the record. */
async function registerIdentity(
  binding: AccountBinding,
  { session, options, registration, effects }: Bootstrap,
): Promise<AgentIdentity> {
  const { accessToken } = await session.freshTokens();
  const agentKey = generateAgentKey();
  const { publicKey } = agentKey;
  const { isFedramp } = binding;
  const agentRuntimeId = await registerAgentRuntime(
    { ...registration, abom: options.abom, accessToken, isFedramp, publicKey },
    effects,
  );
  return readAgentIdentity(createAgentIdentityRecord({ agentRuntimeId, agentKey, account: binding }));
}
