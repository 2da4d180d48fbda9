import type { AgentSigner } from 'agent-identity-core';
import type { HttpEffects } from 'agent-identity-core/http';
import { requireObject } from 'agent-identity-core/http';
import type { AgentIdentityRecord, KeylessAgentIdentityRecord } from 'agent-identity-core/wire';
import { readAgentIdentity } from './agent-identity.js';
import {
  type AgentIdentityAuth,
  type AsyncAgentIdentityAuth,
  createAgentIdentityAuth,
} from './agent-identity-auth.js';
import { type RegisterRunTaskOptions, registerRunTask } from './register-run-task.js';

/** Options for {@link startAgentIdentityAuth}. */
export type StartAgentIdentityAuthOptions = RegisterRunTaskOptions;

/** Options for {@link startAgentIdentityAuth} with a key that lives outside of this process. */
export interface StartWithSignerOptions extends RegisterRunTaskOptions {
  /** Holds the key of the record. */
  readonly signer: AgentSigner;
}

/**
 * Starts a run from a record, in three steps: `readAgentIdentity`, `registerRunTask`, `createAgentIdentityAuth`
 * (docs/protocol.md section 8). Afterwards, nothing more is sent.
 *
 * @param record **Secret.** Copied and frozen: later changes have no effect.
 * @throws RegistrationError if the registration was sent and failed; the reason of `effects.signal` if it aborted
 * @throws AgentIdentityError before anything is sent: `invalid_agent_identity_record`, `invalid_agent_key`,
 * `unsafe_agent_runtime_id`, `insecure_url`, `invalid_base_url`, `invalid_argument`
 * @example
 * ```ts
 * import type { AgentIdentityRecord } from 'agent-identity-core/wire';
 * import { resolveAuthapiBaseUrl, startAgentIdentityAuth } from 'agent-identity-registry';
 *
 * async function callWithIdentity(record: AgentIdentityRecord) {
 *   const auth = await startAgentIdentityAuth(record, { authapiBaseUrl: resolveAuthapiBaseUrl() });
 *   return fetch('https://agents.example.com/responses', { method: 'POST', headers: auth.headers() });
 * }
 * ```
 */
export function startAgentIdentityAuth(
  record: AgentIdentityRecord,
  options: StartAgentIdentityAuthOptions & { readonly signer?: undefined },
  effects?: HttpEffects,
): Promise<AgentIdentityAuth>;
/**
 * Starts a run with a key that lives outside of this process. The headers of its auth are promises.
 *
 * @throws RegistrationError as above; `sealed_task_id_needs_key` if the server seals task ids, which only a private key opens
 * @throws AgentIdentityError as above; `signer_unavailable`, `signer_timed_out`, both retryable; `signer_mismatch`
 * @example
 * ```ts
 * import type { AgentSigner } from 'agent-identity-core';
 * import { type KeylessAgentIdentityRecord, startAgentIdentityAuth } from 'agent-identity-registry';
 *
 * async function callWithSigner(record: KeylessAgentIdentityRecord, signer: AgentSigner) {
 *   const auth = await startAgentIdentityAuth(record, { authapiBaseUrl: 'https://agents.example.com', signer });
 *   return fetch('https://api.example.com/', { headers: await auth.headers() });
 * }
 * ```
 */
export function startAgentIdentityAuth(
  record: KeylessAgentIdentityRecord,
  options: StartWithSignerOptions,
  effects?: HttpEffects,
): Promise<AsyncAgentIdentityAuth>;
export async function startAgentIdentityAuth(
  record: AgentIdentityRecord | KeylessAgentIdentityRecord,
  options: StartAgentIdentityAuthOptions | StartWithSignerOptions,
  effects: HttpEffects = {},
): Promise<AgentIdentityAuth | AsyncAgentIdentityAuth> {
  requireObject(options, 'options');
  const { signer, ...registration } = { signer: undefined, ...options };
  const identity =
    signer === undefined
      ? readAgentIdentity(record as AgentIdentityRecord)
      : readAgentIdentity(record, signer);
  const taskId = await registerRunTask(identity, registration, effects);
  return createAgentIdentityAuth(identity, taskId, { clock: effects.clock });
}
