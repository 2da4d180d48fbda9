import { type AgentKey, generateAgentKey, signStatement } from 'agent-identity-core';
import {
  type ClientIdentification,
  type HttpEffects,
  identificationHeaders,
  requireKnownOptions,
  requireMethods,
  resolveEffects,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import {
  type AgentBillOfMaterials,
  type AgentIdentityRecord,
  childRegistrationResponseSchema,
  childRegistrationStatementSchema,
  explainSchemaError,
} from 'agent-identity-core/wire';
import { type AgentIdentity, requireAgentIdentity, type SignerAgentIdentity } from './agent-identity.js';
import { createAgentIdentityRecord } from './create-agent-identity-record.js';
import { registryError } from './errors.js';
import type { ParsedResponse } from './http/registration-request.js';
import { requireTimeout } from './http/send-once.js';
import { sendRegistration } from './http/send-registration.js';
import { childRegistrationUrl, isPathSegment } from './registration-url.js';

/** Options for {@link registerChildAgent}. */
export interface RegisterChildAgentOptions extends SecureUrlOptions, ClientIdentification {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /** The program of the child and where it runs. */
  readonly abom: AgentBillOfMaterials;
  /** What the child asks for. It is granted what its parent may do. Default: nothing. */
  readonly capabilities?: readonly string[] | undefined;
  /** Requested lifetime in whole seconds. Default: that of the parent, which no child outlives. */
  readonly ttlSeconds?: number | undefined;
  /** For people. */
  readonly name?: string | undefined;
  /** **Secret.** The key of the child. Default: a new one. Give the same again to repeat a registration whose response was lost. */
  readonly childKey?: AgentKey | undefined;
  /** Limit of one attempt, including reading the response, in seconds. Default: 15. */
  readonly timeoutSeconds?: number | undefined;
}

const optionNames = [
  'authapiBaseUrl',
  'abom',
  'capabilities',
  'ttlSeconds',
  'name',
  'childKey',
  'timeoutSeconds',
  'allowPlainHttpHosts',
  'userAgent',
  'originator',
];

/** A sub-agent that was registered. */
export interface ChildAgent {
  /** **Secret.** It contains the private key. Node's `inspect` does not show it, but its JSON contains it. */
  readonly record: AgentIdentityRecord;
  /** What the child may do. */
  readonly capabilities: readonly string[];
  /** When it expires, RFC 3339; null if it never does. */
  readonly expiresAt: string | null;
}

/**
 * Registers a sub-agent with the signature of its parent: a runtime like any other, with its own key, with capabilities and a life
 * within the parent's, for the same account. It ends with its parent: when the parent is revoked or suspended, so is it. It may
 * register children itself; four in a row at most. The authority must be one of this project (docs/protocol.md section 13).
 *
 * @throws RegistrationError if the request was sent and failed; the reason of `effects.signal` if it aborted
 * @throws AgentIdentityError before anything is sent: `invalid_argument`, `unsafe_agent_runtime_id`, `insecure_url`, `invalid_base_url`;
 * for a parent with a signer also `signer_unavailable`, `signer_timed_out`, `signer_mismatch`
 * @example
 * ```ts
 * import { type AgentIdentity, registerChildAgent } from 'agent-identity-registry';
 *
 * async function startReviewer(parent: AgentIdentity) {
 *   const { record } = await registerChildAgent(parent, {
 *     authapiBaseUrl: 'https://agents.example.com',
 *     abom: { agent_version: '1.0.0', agent_harness_id: 'reviewer', running_location: 'ci-linux' },
 *     capabilities: ['repository:read'],
 *     ttlSeconds: 3600,
 *   });
 *   return record;
 * }
 * ```
 */
export async function registerChildAgent(
  parent: AgentIdentity | SignerAgentIdentity,
  options: RegisterChildAgentOptions,
  effects: HttpEffects = {},
): Promise<ChildAgent> {
  requireAgentIdentity(parent);
  requireKnownOptions(options, optionNames, 'options');
  const { authapiBaseUrl, allowPlainHttpHosts, timeoutSeconds = 15, userAgent, originator } = options;
  const { childKey = generateAgentKey() } = options;
  requireMethods(childKey, ['sign', 'toPkcs8Base64'], 'childKey', 'an AgentKey');
  requireTimeout(timeoutSeconds);
  const url = childRegistrationUrl(authapiBaseUrl, parent.agentRuntimeId, { allowPlainHttpHosts });
  const members = createMembers(parent.agentRuntimeId, childKey, options);
  const resolved = resolveEffects(effects);
  const { clock, signal } = resolved;
  const key = 'signer' in parent ? parent.signer : parent.agentKey;
  return sendRegistration(
    {
      operation: 'child_registration',
      url,
      timeoutSeconds,
      headers: identificationHeaders({ userAgent, originator }),
      createBody: () =>
        signStatement('child-registration', members, { key, newKey: childKey }, { clock, signal }),
      parseResponse: (json) => parseChild(json, parent, childKey),
    },
    resolved,
  );
}

function createMembers(
  agentRuntimeId: string,
  childKey: AgentKey,
  { abom, capabilities = [], ttlSeconds, name }: RegisterChildAgentOptions,
) {
  const members = {
    agent_runtime_id: agentRuntimeId,
    agent_public_key: childKey.publicKey.ssh,
    abom,
    capabilities,
    ttl: ttlSeconds ?? null,
    name: name ?? null,
  };
  const parsed = childRegistrationStatementSchema.safeParse({ ...members, timestamp: '' });
  if (parsed.success) return members;
  const problem = explainSchemaError(parsed.error, members, 'options');
  throw registryError('invalid_argument', problem.replace('options.ttl:', 'options.ttlSeconds:'));
}

function parseChild(
  json: unknown,
  { record: parent }: AgentIdentity | SignerAgentIdentity,
  agentKey: AgentKey,
): ParsedResponse<ChildAgent> {
  const parsed = childRegistrationResponseSchema.safeParse(json);
  if (!parsed.success || !isPathSegment(parsed.data.agent_runtime_id)) {
    return { expected: 'agent_runtime_id, capabilities and expires_at of a child' };
  }
  const { agent_runtime_id: agentRuntimeId, capabilities, expires_at: expiresAt } = parsed.data;
  const record = createAgentIdentityRecord({
    agentRuntimeId,
    agentKey,
    account: {
      accountId: parent.account_id,
      chatgptUserId: parent.chatgpt_user_id,
      email: parent.email,
      planType: parent.plan_type,
      isFedramp: parent.chatgpt_account_is_fedramp,
    },
  });
  return { result: { record, capabilities, expiresAt } };
}
