import { type AgentKey, type AgentSigner, generateAgentKey, requireAgentSigner } from 'agent-identity-core';
import {
  type HttpEffects,
  invalidArgument,
  requireKnownOptions,
  requireMethods,
} from 'agent-identity-core/http';
import {
  type AgentIdentityRecord,
  type AgentRegistrationResponse,
  explainSchemaError,
  type KeylessAgentIdentityRecord,
  keylessAgentIdentityRecordSchema,
} from 'agent-identity-core/wire';
import { createAgentIdentityRecord } from './create-agent-identity-record.js';
import type { ParsedResponse } from './http/registration-request.js';
import { type RegisterAgentRuntimeOptions, sendRuntimeRegistration } from './register-agent-runtime.js';

/** Options for {@link enrollAgent}: those of `registerAgentRuntime`, whose key it makes and whose account it learns. */
export interface EnrollAgentOptions extends Omit<RegisterAgentRuntimeOptions, 'isFedramp' | 'publicKey'> {
  /** **Secret.** An enrollment token, or an access token that the authority accepts, such as the one of a CI job. */
  readonly accessToken: string;
  /** The key to register. Default: a new one. Give the same key again to repeat an enrollment whose response was lost. */
  readonly agentKey?: AgentKey | undefined;
}

/** Options for {@link enrollAgent} with a key that lives outside of this process. */
export interface EnrollSignerOptions extends Omit<EnrollAgentOptions, 'agentKey'> {
  /** Holds the key to register. It signs nothing yet. */
  readonly signer: AgentSigner;
}

const optionNames = [
  'authapiBaseUrl',
  'accessToken',
  'agentKey',
  'signer',
  'abom',
  'capabilities',
  'ttlSeconds',
  'timeoutSeconds',
  'allowPlainHttpHosts',
  'userAgent',
  'originator',
];

/**
 * Makes an agent key, registers it, and returns the record of the identity: all that an agent needs, from a token and the URL of
 * its authority. The authority must be one of this project, which tells the account (docs/protocol.md, section "Additions").
 *
 * @returns **Secret.** The record contains the private key. Node's `inspect` does not show it, but its JSON contains it.
 * @throws RegistrationError if the request was sent and failed; a response that cannot be read also if the authority does not tell the account
 * @throws AgentIdentityError as `registerAgentRuntime`, before anything is sent
 * @example
 * ```ts
 * import { enrollAgent } from 'agent-identity-registry';
 *
 * const enroll = (accessToken: string) =>
 *   enrollAgent({
 *     authapiBaseUrl: 'https://agents.example.com',
 *     accessToken,
 *     abom: { agent_version: '1.0.0', agent_harness_id: 'my-agent', running_location: 'ci-linux' },
 *     capabilities: ['repository:read'],
 *   });
 * ```
 */
export function enrollAgent(
  options: EnrollAgentOptions & { readonly signer?: undefined },
  effects?: HttpEffects,
): Promise<AgentIdentityRecord>;
/**
 * Registers the key of a signer, and returns the record of the identity without a key: no private key is made, and nothing in the
 * record is secret. Start runs with the record and the same signer.
 *
 * @example
 * ```ts
 * import type { AgentSigner } from 'agent-identity-core';
 * import { enrollAgent } from 'agent-identity-registry';
 *
 * const enroll = (accessToken: string, signer: AgentSigner) =>
 *   enrollAgent({
 *     authapiBaseUrl: 'https://agents.example.com',
 *     accessToken,
 *     signer,
 *     abom: { agent_version: '1.0.0', agent_harness_id: 'my-agent', running_location: 'ci-linux' },
 *   });
 * ```
 */
export function enrollAgent(
  options: EnrollSignerOptions,
  effects?: HttpEffects,
): Promise<KeylessAgentIdentityRecord>;
export async function enrollAgent(
  options: EnrollAgentOptions | EnrollSignerOptions,
  effects: HttpEffects = {},
): Promise<AgentIdentityRecord | KeylessAgentIdentityRecord> {
  requireKnownOptions(options, optionNames, 'options');
  const { signer, agentKey, ...registration } = { signer: undefined, agentKey: undefined, ...options };
  if (signer === undefined) return enrollKey({ agentKey, ...registration }, effects);
  if (agentKey !== undefined) throw invalidArgument('agentKey', 'none beside a signer', agentKey);
  requireAgentSigner(signer);
  const { publicKey } = signer;
  return sendRuntimeRegistration(
    { ...registration, isFedramp: false, publicKey },
    effects,
    readKeylessRecord,
  );
}

function enrollKey(
  { agentKey = generateAgentKey(), ...registration }: EnrollAgentOptions,
  effects: HttpEffects,
): Promise<AgentIdentityRecord> {
  requireMethods(agentKey, ['sign', 'toPkcs8Base64'], 'agentKey', 'an AgentKey');
  return sendRuntimeRegistration(
    { ...registration, isFedramp: false, publicKey: agentKey.publicKey },
    effects,
    (response) => readRecord(response, agentKey),
  );
}

const expectedAccount = { expected: 'the account of the agent, as authorities of this project tell it' };

function readRecord(
  { agent_runtime_id: agentRuntimeId, account }: AgentRegistrationResponse,
  agentKey: AgentKey,
): ParsedResponse<AgentIdentityRecord> {
  if (account === undefined) return expectedAccount;
  const result = createAgentIdentityRecord({
    agentRuntimeId,
    agentKey,
    account: {
      accountId: account.account_id,
      chatgptUserId: account.chatgpt_user_id,
      email: account.email,
      planType: account.plan_type,
      isFedramp: account.chatgpt_account_is_fedramp,
    },
  });
  return { result };
}

function readKeylessRecord({
  agent_runtime_id,
  account,
}: AgentRegistrationResponse): ParsedResponse<KeylessAgentIdentityRecord> {
  if (account === undefined) return expectedAccount;
  const record = keylessAgentIdentityRecordSchema.safeParse({ agent_runtime_id, ...account });
  return record.success ? { result: record.data } : { expected: explainSchemaError(record.error, account) };
}
