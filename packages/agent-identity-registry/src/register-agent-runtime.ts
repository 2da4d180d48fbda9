import { type AgentPublicKey, readSshPublicKey } from 'agent-identity-core';
import {
  type ClientIdentification,
  type HttpEffects,
  identificationHeaders,
  invalidArgument,
  isHeaderSafe,
  requireKnownOptions,
  resolveEffects,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import {
  type AgentBillOfMaterials,
  type AgentRegistrationRequest,
  type AgentRegistrationResponse,
  agentRegistrationRequestSchema,
  agentRegistrationResponseSchema,
  explainSchemaError,
} from 'agent-identity-core/wire';
import { registryError } from './errors.js';
import type { ParsedResponse } from './http/registration-request.js';
import { requireTimeout } from './http/send-once.js';
import { sendRegistration } from './http/send-registration.js';
import { agentRegistrationUrl, isPathSegment } from './registration-url.js';

/** Options for {@link registerAgentRuntime} (docs/protocol.md section 4). */
export interface RegisterAgentRuntimeOptions extends SecureUrlOptions, ClientIdentification {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /** **Secret.** The ChatGPT access token. It also names the account. */
  readonly accessToken: string;
  /** Whether the account is a FedRAMP account. */
  readonly isFedramp: boolean;
  /** The public half of the key that the runtime will sign with. */
  readonly publicKey: Pick<AgentPublicKey, 'ssh'>;
  /** The program that registers and where it runs. */
  readonly abom: AgentBillOfMaterials;
  /** Default: `['responsesapi']`. */
  readonly capabilities?: readonly string[] | undefined;
  /** Requested lifetime of the registration, in whole seconds. Default: no limit. */
  readonly ttlSeconds?: number | null | undefined;
  /** Limit of one attempt, including reading the response, in seconds. Default: 15. */
  readonly timeoutSeconds?: number | undefined;
}

const optionNames = [
  'authapiBaseUrl',
  'accessToken',
  'isFedramp',
  'publicKey',
  'abom',
  'capabilities',
  'ttlSeconds',
  'timeoutSeconds',
  'allowPlainHttpHosts',
  'userAgent',
  'originator',
] as const;

/**
 * Registers an agent runtime for the account of the access token, in at most three attempts (docs/protocol.md section
 * 4). The server chooses the id. An attempt whose response is lost may leave an unused runtime behind.
 *
 * @returns `agent_runtime_id`
 * @throws RegistrationError if the request was sent and failed; the reason of `effects.signal` if it aborted
 * @throws AgentIdentityError before anything is sent: `invalid_argument`, `invalid_public_key`, `insecure_url`,
 * `invalid_base_url`
 * @example
 * ```ts
 * import { generateAgentKey } from 'agent-identity-core';
 * import { registerAgentRuntime, resolveAuthapiBaseUrl } from 'agent-identity-registry';
 *
 * async function registerRuntime(accessToken: string) {
 *   const agentKey = generateAgentKey();
 *   const agentRuntimeId = await registerAgentRuntime({
 *     authapiBaseUrl: resolveAuthapiBaseUrl(),
 *     accessToken,
 *     isFedramp: false,
 *     publicKey: agentKey.publicKey,
 *     abom: { agent_version: '1.0.0', agent_harness_id: 'my-agent', running_location: 'cli-linux' },
 *   });
 *   return { agentRuntimeId, agentKey };
 * }
 * ```
 */
export async function registerAgentRuntime(
  options: RegisterAgentRuntimeOptions,
  effects: HttpEffects = {},
): Promise<string> {
  return sendRuntimeRegistration(options, effects, ({ agent_runtime_id: result }) => ({ result }));
}

/**
 * Does what `registerAgentRuntime` does.
 *
 * @param readResponse Reads what is needed from the response, or says what was expected.
 */
export async function sendRuntimeRegistration<Result>(
  options: RegisterAgentRuntimeOptions,
  effects: HttpEffects,
  readResponse: (response: AgentRegistrationResponse) => ParsedResponse<Result>,
): Promise<Result> {
  requireKnownOptions(options, optionNames, 'options');
  const { authapiBaseUrl, accessToken, isFedramp, timeoutSeconds = 15, allowPlainHttpHosts } = options;
  const { userAgent, originator } = options;
  const url = agentRegistrationUrl(authapiBaseUrl, { allowPlainHttpHosts });
  // An empty bearer is never sent. The error of `fetch` for an unsafe header would quote the token.
  if (!isHeaderSafe(accessToken)) {
    throw invalidArgument('accessToken', 'visible ASCII characters without spaces', accessToken);
  }
  if (typeof isFedramp !== 'boolean') throw invalidArgument('isFedramp', 'a boolean', isFedramp);
  requireTimeout(timeoutSeconds);
  const headers = {
    Authorization: `Bearer ${accessToken}`,
    ...identificationHeaders({ userAgent, originator }),
    ...(isFedramp ? { 'X-OpenAI-Fedramp': 'true' } : {}),
  };
  const body = createBody(options);
  return sendRegistration(
    {
      operation: 'agent_registration',
      url,
      timeoutSeconds,
      secrets: [accessToken],
      headers,
      createBody: () => body,
      parseResponse: (json) => parseResponse(json, readResponse),
    },
    resolveEffects(effects),
  );
}

/** Creates a body with exactly the members of the protocol, in its order. */
function createBody({
  publicKey,
  abom,
  capabilities = ['responsesapi'],
  ttlSeconds,
}: RegisterAgentRuntimeOptions): AgentRegistrationRequest {
  const members = {
    abom,
    agent_public_key: readSshPublicKey(publicKey?.ssh).ssh,
    capabilities,
    ttl: ttlSeconds ?? null,
  };
  const body = agentRegistrationRequestSchema.safeParse(members);
  if (body.success) return body.data;
  const problem = explainSchemaError(body.error, members, 'options').replace(
    'options.ttl:',
    'options.ttlSeconds:',
  );
  throw registryError('invalid_argument', problem);
}

function parseResponse<Result>(
  json: unknown,
  readResponse: (response: AgentRegistrationResponse) => ParsedResponse<Result>,
): ParsedResponse<Result> {
  const parsed = agentRegistrationResponseSchema.safeParse(json);
  return parsed.success && isPathSegment(parsed.data.agent_runtime_id)
    ? readResponse(parsed.data)
    : { expected: 'agent_runtime_id as a string that can be a path segment' };
}
