import { type AgentKey, signStatement } from 'agent-identity-core';
import {
  type ClientIdentification,
  type HttpEffects,
  identificationHeaders,
  invalidArgument,
  requireKnownOptions,
  requireMethods,
  resolveEffects,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import {
  type AgentIdentityRecord,
  hideKeyFromInspect,
  keyChangeResponseSchema,
} from 'agent-identity-core/wire';
import { type AgentIdentity, requireAgentIdentity } from './agent-identity.js';
import { requireTimeout } from './http/send-once.js';
import { sendRegistration } from './http/send-registration.js';
import { keyChangeUrl } from './registration-url.js';

/** Options for {@link changeAgentKey}. */
export interface ChangeAgentKeyOptions extends SecureUrlOptions, ClientIdentification {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /**
   * **Secret.** The key that the runtime gets. **Save it before the call**: when the response is lost, the runtime may have either key,
   * and the same call again finds out.
   */
  readonly newKey: AgentKey;
  /** Whether the tasks of the runtime end. Otherwise the new key signs for them: say it for a key that may be known to others. */
  readonly endTasks: boolean;
  /** Limit of one attempt, including reading the response, in seconds. Default: 15. */
  readonly timeoutSeconds?: number | undefined;
}

const optionNames = [
  'authapiBaseUrl',
  'newKey',
  'endTasks',
  'timeoutSeconds',
  'allowPlainHttpHosts',
  'userAgent',
  'originator',
];

/**
 * Changes the key of an agent runtime, which keeps its id, its account and its capabilities. Both keys sign. Repeating the call is
 * safe. The authority must be one of this project (docs/protocol.md section 13).
 *
 * @returns **Secret.** The record with the new key; without its task if the tasks have ended.
 * @throws RegistrationError if the request was sent and failed; the reason of `effects.signal` if it aborted
 * @throws AgentIdentityError before anything is sent: `invalid_argument`, `unsafe_agent_runtime_id`, `insecure_url`, `invalid_base_url`
 * @example
 * ```ts
 * import type { AgentKey } from 'agent-identity-core';
 * import { type AgentIdentity, changeAgentKey } from 'agent-identity-registry';
 *
 * async function changeKey(identity: AgentIdentity, savedKey: AgentKey) {
 *   const authapiBaseUrl = 'https://agents.example.com';
 *   return changeAgentKey(identity, { authapiBaseUrl, newKey: savedKey, endTasks: true });
 * }
 * ```
 */
export async function changeAgentKey(
  identity: AgentIdentity,
  options: ChangeAgentKeyOptions,
  effects: HttpEffects = {},
): Promise<AgentIdentityRecord> {
  requireAgentIdentity(identity);
  requireKnownOptions(options, optionNames, 'options');
  const { authapiBaseUrl, newKey, endTasks, timeoutSeconds = 15 } = options;
  const { allowPlainHttpHosts, userAgent, originator } = options;
  if (!('agentKey' in identity)) {
    throw invalidArgument('identity', 'an identity whose key is in this process', identity);
  }
  requireMethods(newKey, ['sign', 'toPkcs8Base64'], 'newKey', 'an AgentKey');
  if (typeof endTasks !== 'boolean') throw invalidArgument('endTasks', 'a boolean', endTasks);
  requireTimeout(timeoutSeconds);
  const { agentKey, agentRuntimeId, record } = identity;
  const url = keyChangeUrl(authapiBaseUrl, agentRuntimeId, { allowPlainHttpHosts });
  const publicKey = newKey.publicKey.ssh;
  const members = {
    agent_runtime_id: agentRuntimeId,
    previous_public_key: agentKey.publicKey.ssh,
    agent_public_key: publicKey,
    end_tasks: endTasks,
  };
  const resolved = resolveEffects(effects);
  const { clock, signal } = resolved;
  await sendRegistration(
    {
      operation: 'key_change',
      url,
      timeoutSeconds,
      headers: identificationHeaders({ userAgent, originator }),
      createBody: () => signStatement('key-change', members, { key: agentKey, newKey }, { clock, signal }),
      parseResponse: (json) => {
        const parsed = keyChangeResponseSchema.safeParse(json);
        return parsed.success && parsed.data.agent_public_key === publicKey
          ? { result: undefined }
          : { expected: 'agent_public_key, the new key' };
      },
    },
    resolved,
  );
  const { task_id, ...withoutTask } = record;
  const changed = { ...(endTasks ? withoutTask : record), agent_private_key: newKey.toPkcs8Base64() };
  return hideKeyFromInspect(changed);
}
