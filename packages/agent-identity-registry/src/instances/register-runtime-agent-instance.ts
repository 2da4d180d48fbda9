import { type AgentKey, type AgentSigner, requireAgentSigner, signWithSigner } from 'agent-identity-core';
import {
  carriesAgentKey,
  type HttpEffects,
  identificationHeaders,
  invalidArgument,
  isHeaderSafe,
  requireKnownOptions,
  requireMethods,
  resolveEffects,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import {
  type ActorAuth,
  explainSchemaError,
  type InstanceActor,
  type InstanceMetadata,
  type InstanceRegistrationRequest,
  instanceRegistrationRequestSchema,
  instanceRegistrationResponseSchema,
} from 'agent-identity-core/wire';
import { registryError } from '../errors.js';
import type { ParsedResponse } from '../http/registration-request.js';
import { requireTimeout } from '../http/send-once.js';
import { sendRegistration } from '../http/send-registration.js';
import { requireInstanceBaseUrl } from './resolve-instance-base-url.js';

/** Options for {@link registerRuntimeAgentInstance} (docs/protocol-instances.md section 2). */
export interface RegisterRuntimeAgentInstanceOptions extends SecureUrlOptions {
  /** See `resolveInstanceBaseUrl`. */
  readonly baseUrl: string;
  /** **Secret.** The credential that registers, in wire form. An organization and a project need an API key. */
  readonly actorAuth: ActorAuth;
  /** The id of the installation: a UUID in lower case with hyphens. See `readOrCreateInstallationId` of chatgpt-auth. */
  readonly installationId: string;
  /** A new key for each process and credential. Only its public half is sent. One of `agentKey` and `signer` is needed. */
  readonly agentKey?: AgentKey | undefined;
  /** A new key outside of this process, in place of `agentKey`. */
  readonly signer?: AgentSigner | undefined;
  /** The program that registers, and its part; the published client is an `orchestrator`. */
  readonly metadata: InstanceMetadata;
  /**
   * The `Idempotency-Key` header, a UUID. Default: derived from key and body, so that another call with the same options
   * repeats the same registration. Give one if `agentKey` does not sign deterministically, and keep it with the key.
   */
  readonly idempotencyKey?: string | undefined;
  /** The `User-Agent` header. Default: the name and version of this family of packages. */
  readonly userAgent?: string | undefined;
  /** Limit of one attempt, including reading the response, in seconds. Default: 30. */
  readonly timeoutSeconds?: number | undefined;
}

/** A registered instance (docs/protocol-instances.md section 3). Nothing in it is secret. */
export interface RuntimeAgentInstance {
  /** Goes into every assertion. */
  readonly runtimeAgentInstanceId: string;
  /** The id that the server gave the installation. The published client never uses it. */
  readonly agentHostId: string;
  /** Whom the instance acts for, in wire form. The server decides it, and it decides the header `chatgpt-account-id`. */
  readonly actor: InstanceActor;
}

const optionNames = [
  'baseUrl',
  'actorAuth',
  'installationId',
  'agentKey',
  'signer',
  'metadata',
  'idempotencyKey',
  'userAgent',
  'timeoutSeconds',
  'allowPlainHttpHosts',
] as const;

/**
 * Registers a runtime agent instance, in at most three attempts with the same body and `Idempotency-Key`
 * (docs/protocol-instances.md sections 2 and 3). Only status 200 is a success. **Ours**: it waits between attempts, honors
 * `Retry-After`, sends a `User-Agent`, and does not repeat what only the server can resolve, such as a conflict.
 *
 * After `registration_unauthorized`, register again only with a changed credential, and a new key. After status 403, do
 * not register this credential again in this process.
 *
 * @throws RegistrationError if the request was sent and failed: `runtimeErrorCode` has the server's code. The reason of
 * `effects.signal` if it aborted
 * @throws AgentIdentityError before anything is sent: `invalid_argument`, `insecure_url`, `invalid_base_url`
 * @example
 * ```ts
 * import { createInstanceAssertionSigner, generateAgentKey } from 'agent-identity-core';
 * import { registerRuntimeAgentInstance, resolveInstanceBaseUrl } from 'agent-identity-registry';
 *
 * async function startInstance(apiKey: string, installationId: string) {
 *   const agentKey = generateAgentKey();
 *   const { runtimeAgentInstanceId } = await registerRuntimeAgentInstance({
 *     baseUrl: resolveInstanceBaseUrl(),
 *     actorAuth: { type: 'platform_api_key', credential: apiKey },
 *     installationId,
 *     agentKey,
 *     metadata: { harness: 'my-agent', harness_version: '1.0.0', role: 'orchestrator' },
 *   });
 *   return createInstanceAssertionSigner({ agentKey, runtimeAgentInstanceId });
 * }
 * ```
 */
export async function registerRuntimeAgentInstance(
  options: RegisterRuntimeAgentInstanceOptions,
  effects: HttpEffects = {},
): Promise<RuntimeAgentInstance> {
  requireKnownOptions(options, optionNames, 'options');
  const { baseUrl, allowPlainHttpHosts, actorAuth, userAgent, timeoutSeconds = 30 } = options;
  const url = `${requireInstanceBaseUrl(baseUrl, { allowPlainHttpHosts })}/agent/register`;
  requireKey(options);
  requireActorAuth(actorAuth);
  requireTimeout(timeoutSeconds);
  const body = createBody(options);
  const runtimeEffects = resolveEffects(effects);
  const { idempotencyKey = await deriveIdempotencyKey(options, body, runtimeEffects.signal) } = options;
  requireUuid(idempotencyKey);
  return sendRegistration(
    {
      operation: 'instance_registration',
      url,
      timeoutSeconds,
      secrets: [actorAuth.credential],
      headers: {
        'Idempotency-Key': idempotencyKey,
        Accept: '*/*',
        'User-Agent': identificationHeaders({ userAgent })['User-Agent'],
      },
      createBody: () => body,
      successStatus: 200,
      parseResponse: (json) => parseInstance(json, actorAuth),
    },
    runtimeEffects,
  );
}

/** The key of the instance, wherever it is. */
type InstanceKey = Pick<RegisterRuntimeAgentInstanceOptions, 'agentKey' | 'signer'>;

/** @throws AgentIdentityError `invalid_argument` */
function requireKey({ agentKey, signer }: InstanceKey): void {
  if (signer === undefined) requireMethods(agentKey, ['sign'], 'agentKey', 'an AgentKey');
  else if (agentKey !== undefined) throw invalidArgument('agentKey', 'none beside a signer', agentKey);
  else requireAgentSigner(signer);
}

function signWithKey(
  { agentKey, signer }: InstanceKey,
  message: Uint8Array,
  signal: AbortSignal | undefined,
) {
  return signer === undefined ? agentKey?.sign(message) : signWithSigner(signer, message, { signal });
}

/** The members that a credential of each kind may have. */
const actorAuthMembers: Readonly<Record<ActorAuth['type'], readonly string[]>> = {
  oauth: ['type', 'credential'],
  platform_api_key: ['type', 'credential', 'organization_id', 'project_id'],
  personal_access_token: ['type', 'credential'],
};

/** An Agent Identity JWT cannot register an instance, and contains a private key. */
function requireActorAuth(actorAuth: ActorAuth): void {
  const { type, credential } = actorAuth ?? {};
  if (!Object.hasOwn(actorAuthMembers, String(type))) {
    throw invalidArgument('actorAuth.type', Object.keys(actorAuthMembers).join(' or '), type);
  }
  requireKnownOptions(actorAuth, actorAuthMembers[type], `actorAuth of type ${type}`);
  if (!isHeaderSafe(credential)) {
    throw invalidArgument('actorAuth.credential', 'visible ASCII characters without spaces', credential);
  }
  if (carriesAgentKey(credential)) {
    throw registryError(
      'invalid_argument',
      'actorAuth.credential: expected an access token, an API key or a personal access token, got an Agent Identity JWT',
    );
  }
}

/** Creates a body with exactly the members of the protocol, in its order. */
function createBody({
  actorAuth,
  installationId,
  agentKey,
  signer,
  metadata,
}: RegisterRuntimeAgentInstanceOptions): InstanceRegistrationRequest {
  const body = {
    actor_auth: actorAuth,
    agent_host_auth: { type: 'installation_id', installation_id: installationId },
    public_key: (signer ?? agentKey)?.publicKey?.ssh,
    metadata,
  };
  const parsed = instanceRegistrationRequestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw registryError('invalid_argument', explainSchemaError(parsed.error, body));
}

/**
 * Derives a UUID v4 from the signature of the body: the same key and body give the same UUID, and nobody without the
 * private key can predict it.
 */
async function deriveIdempotencyKey(
  key: InstanceKey,
  body: InstanceRegistrationRequest,
  signal: AbortSignal | undefined,
): Promise<string> {
  const message = new TextEncoder().encode(`Idempotency-Key\n${JSON.stringify(body)}`);
  const signature = (await signWithKey(key, message, signal)) ?? new Uint8Array();
  const hex = Array.from(signature.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function requireUuid(idempotencyKey: unknown): void {
  const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  if (typeof idempotencyKey === 'string' && uuid.test(idempotencyKey)) return;
  throw invalidArgument('idempotencyKey', 'a UUID in lower case with hyphens', idempotencyKey);
}

function parseInstance(json: unknown, actorAuth: ActorAuth): ParsedResponse<RuntimeAgentInstance> {
  const parsed = instanceRegistrationResponseSchema.safeParse(json);
  if (!parsed.success) return { expected: `an instance (${explainSchemaError(parsed.error, json)})` };
  const {
    runtime_agent_instance_id: runtimeAgentInstanceId,
    agent_host_id: agentHostId,
    actor,
  } = parsed.data;
  if (actor.kind === 'chatgpt' && !isHeaderSafe(actor.account_id)) {
    return { expected: 'actor.account_id of visible ASCII characters without spaces' };
  }
  const organization = actorAuth.type === 'platform_api_key' ? actorAuth.organization_id : undefined;
  if (organization !== undefined && (actor.kind !== 'platform' || actor.organization_id !== organization)) {
    return { expected: 'an actor of the organization that was selected' };
  }
  return { result: { runtimeAgentInstanceId, agentHostId, actor } };
}
