import { type AgentPublicKey, describeType, readSshPublicKey } from 'agent-identity-core';
import type { HttpEffects, SecureUrlOptions } from 'agent-identity-core/http';
import {
  type AgentBillOfMaterials,
  type AgentRegistrationRequest,
  agentRegistrationRequestSchema,
  agentRegistrationResponseSchema,
} from 'agent-identity-core/wire';
import { registryError } from './errors.js';
import { postJson } from './http/post-json.js';
import type { AnsweredId } from './http/registration-request.js';
import { withRuntimeEffects } from './http/runtime-effects.js';
import { requireTimeLimit } from './http/time-limit.js';
import { agentRegistrationUrl, isPathSegment } from './registration-url.js';

/** What registers an agent runtime (docs/protocol.md section 4). */
export interface AgentRuntimeRegistration extends SecureUrlOptions {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /** **Secret**: the ChatGPT access token; it also tells the account. */
  readonly accessToken: string;
  /** Whether the account is a FedRAMP one. */
  readonly isFedramp: boolean;
  /** The public half of the key that the runtime will sign with. */
  readonly publicKey: Pick<AgentPublicKey, 'ssh'>;
  /** What registers, and where it runs. */
  readonly abom: AgentBillOfMaterials;
  /** `['responsesapi']` by default. */
  readonly capabilities?: readonly string[] | undefined;
  /** How long the registration is asked to live, in whole seconds; no end by default. */
  readonly ttlSeconds?: number | null | undefined;
  /** How long one attempt may take, in seconds, the reading of its answer included; 15 by default. */
  readonly timeLimitSeconds?: number | undefined;
}

/**
 * Registers an agent runtime for the account of the access token, in at most three attempts, and gives the id that the
 * backend chose (docs/protocol.md section 4). An attempt whose answer was lost may leave a runtime behind that nobody uses.
 *
 * @returns `agent_runtime_id`
 * @throws RegistrationError when it was sent and failed; the reason of `effects.signal` when that was aborted
 * @throws AgentIdentityError before anything is sent: `invalid_argument` (such as an empty access token),
 * `invalid_public_key`, `insecure_url`, `invalid_authapi_base_url`
 */
export async function registerAgentRuntime(
  registration: AgentRuntimeRegistration,
  effects: HttpEffects = {},
): Promise<string> {
  const { authapiBaseUrl, accessToken, isFedramp, timeLimitSeconds = 15 } = registration;
  const url = agentRegistrationUrl(authapiBaseUrl, registration);
  requireAccessToken(accessToken);
  requireBoolean(isFedramp, 'isFedramp');
  requireTimeLimit(timeLimitSeconds);
  const body = requestBody(registration);
  return postJson(
    {
      operation: 'agent_registration',
      url,
      timeLimitSeconds,
      accessToken,
      headers: isFedramp ? { 'X-OpenAI-Fedramp': 'true' } : {},
      body: () => body,
      readAnswer,
    },
    withRuntimeEffects(effects),
  );
}

/** A body of exactly the members of the protocol, in its order. */
function requestBody({
  publicKey,
  abom,
  capabilities = ['responsesapi'],
  ttlSeconds,
}: AgentRuntimeRegistration): AgentRegistrationRequest {
  const body = agentRegistrationRequestSchema.safeParse({
    abom,
    agent_public_key: readSshPublicKey(publicKey?.ssh).ssh,
    capabilities,
    ttl: ttlSeconds ?? null,
  });
  if (body.success) return body.data;
  const [issue] = body.error.issues;
  const member = issue?.path.join('.').replace(/^ttl$/, 'ttlSeconds');
  throw registryError('invalid_argument', `${member}: ${issue?.message}`);
}

function readAnswer(answer: unknown): AnsweredId {
  const parsed = agentRegistrationResponseSchema.safeParse(answer);
  return parsed.success && isPathSegment(parsed.data.agent_runtime_id)
    ? { id: parsed.data.agent_runtime_id }
    : { expected: 'agent_runtime_id as a string that can be a path segment' };
}

/** An empty bearer is never sent. What `fetch` would say of a character that no header may hold would quote the token. */
function requireAccessToken(accessToken: string): void {
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken)) {
    throw registryError(
      'invalid_argument',
      `accessToken: expected visible ASCII characters without spaces, got ${describeType(accessToken)}`,
    );
  }
}

function requireBoolean(value: boolean, name: string): void {
  if (typeof value === 'boolean') return;
  throw registryError('invalid_argument', `${name}: expected a boolean, got ${describeType(value)}`);
}
