import { type Clock, readSshPublicKey } from 'agent-identity-core';
import type { AgentRegistrationRequest } from 'agent-identity-core/wire';
import type { Registrant } from '../enrollment/enrollment.js';
import { authorityError } from '../errors.js';
import { newId } from '../new-id.js';
import { maxTtlSeconds } from '../require-whole-seconds.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { describedBy } from './agent-description.js';
import { requireActive } from './runtime-status.js';

/** Dependencies of registering runtimes. */
export interface RuntimeRegistrar {
  readonly store: AuthorityStore;
  readonly clock: Clock;
  /** Counts a registration, but not its repeats; throws `too_many_requests` above the limit. */
  readonly countAccount: (accountId: string, publicKeySsh: string) => Promise<void>;
}

/**
 * Registers an agent runtime for the account of an access token or an enrollment token (docs/protocol.md section 4). A key has one runtime: the
 * same user of the same account gets it again, so retries are safe; the first registration's terms apply. It is granted what it
 * asks for of what the account allows.
 *
 * @returns the `agent_runtime_id`
 * @throws AgentIdentityError `invalid_agent_public_key`, `invalid_request` (`ttl`, or too much text), `agent_public_key_taken`,
 * `enrollment_token_used`, `too_many_requests`, `agent_runtime_deleted`, `agent_runtime_expired`,
 * `agent_runtime_suspended`, `store_unavailable`
 */
export async function registerAgentRuntime(
  { account, enrollmentTokenId }: Registrant,
  { abom, agent_public_key: publicKeySsh, capabilities: requested, ttl }: AgentRegistrationRequest,
  { store, clock, countAccount }: RuntimeRegistrar,
): Promise<string> {
  requirePublicKey(publicKeySsh);
  requireWithinLimits({ abom, capabilities: requested });
  if (ttl !== null && ttl > maxTtlSeconds) {
    throw authorityError('invalid_request', `ttl: expected at most ${maxTtlSeconds} seconds.`);
  }
  await countAccount(account.accountId, publicKeySsh);
  const now = clock();
  const { accountId, chatgptUserId, capabilities: allowed = [] } = account;
  const candidate = {
    agentRuntimeId: newId('agent'),
    publicKeySsh,
    accountId,
    chatgptUserId,
    planType: account.planType,
    ...describedBy(account.agent),
    abom,
    capabilities: [...new Set(requested)].filter((capability) => allowed.includes(capability)),
    lineage: [],
    createdAt: now,
    expiresAt: ttl === null ? null : now + ttl * 1000,
    suspendedAt: null,
    revokedAt: null,
  };
  const runtime =
    enrollmentTokenId === undefined
      ? await store.addAgentRuntime(candidate, { actor: `account:${accountId}/${chatgptUserId}` })
      : await store.addEnrolledAgentRuntime(candidate, enrollmentTokenId, {
          actor: `enrollment:${enrollmentTokenId}`,
        });
  if (runtime === undefined) {
    throw authorityError('enrollment_token_used', 'The enrollment token has registered another agent.');
  }
  const isReplaced = runtime.publicKeySsh !== publicKeySsh;
  if (isReplaced || runtime.accountId !== accountId || runtime.chatgptUserId !== chatgptUserId) {
    throw authorityError('agent_public_key_taken', 'The public key is already registered.');
  }
  requireActive(runtime, now);
  return runtime.agentRuntimeId;
}

/** A body may be longer than what is worth storing. */
export function requireWithinLimits({
  abom,
  capabilities,
}: Pick<AgentRegistrationRequest, 'abom' | 'capabilities'>): void {
  const isTooLong = [...Object.values(abom), ...capabilities].some((text) => text.length > 512);
  if (!isTooLong && capabilities.length <= 64) return;
  throw authorityError(
    'invalid_request',
    'abom, capabilities: expected texts of at most 512 characters, and at most 64 capabilities.',
  );
}

/** @throws AgentIdentityError `invalid_agent_public_key` */
export function requirePublicKey(publicKeySsh: string): void {
  try {
    readSshPublicKey(publicKeySsh);
  } catch (cause) {
    throw authorityError(
      'invalid_agent_public_key',
      'agent_public_key: expected an OpenSSH line with a valid Ed25519 key.',
      { cause },
    );
  }
}
