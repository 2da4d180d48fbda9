import type { HttpEffects } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { readAgentIdentity } from './agent-identity.js';
import { type AgentIdentityAuth, createAgentIdentityAuth } from './agent-identity-auth.js';
import { type RegisterRunTaskOptions, registerRunTask } from './register-run-task.js';

/** Options for {@link startAgentIdentityAuth}. */
export type StartAgentIdentityAuthOptions = RegisterRunTaskOptions;

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
export async function startAgentIdentityAuth(
  record: AgentIdentityRecord,
  options: StartAgentIdentityAuthOptions,
  effects: HttpEffects = {},
): Promise<AgentIdentityAuth> {
  const identity = readAgentIdentity(record);
  const taskId = await registerRunTask(identity, options, effects);
  return createAgentIdentityAuth(identity, taskId, { clock: effects.clock });
}
