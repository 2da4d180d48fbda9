import * as z from 'zod/mini';
import { fitsIntoAssertion, isInstanceId } from '../instance-assertion/instance-assertion.js';

/**
 * The credential that registers an instance, in wire form (docs/protocol-instances.md section 2). `credential` is a
 * **secret**, and so is the whole object.
 */
export type ActorAuth =
  | { type: 'oauth'; credential: string }
  | {
      type: 'platform_api_key';
      credential: string;
      /** Only if an organization is selected (`OpenAI-Organization`). */
      organization_id?: string | undefined;
      /** Only if a project is selected (`OpenAI-Project`). */
      project_id?: string | undefined;
    }
  | { type: 'personal_access_token'; credential: string };

const text = z.string().check(z.minLength(1));

/**
 * Reads the credential of a registration and drops unknown members. `oauth` brings a ChatGPT access token,
 * `platform_api_key` an API key, `personal_access_token` a token that begins with `at-`. Whether the credential is valid
 * is the server's part.
 */
export const actorAuthSchema: z.ZodMiniType<ActorAuth> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('oauth'), credential: text }),
  z.object({
    type: z.literal('platform_api_key'),
    credential: text,
    organization_id: z.optional(text),
    project_id: z.optional(text),
  }),
  z.object({ type: z.literal('personal_access_token'), credential: text }),
]);

/** The program that registers and its part (docs/protocol-instances.md section 2). */
export interface InstanceMetadata {
  /** For example `codex`. */
  harness: string;
  /** For example `0.169.0`. */
  harness_version: string;
  /** `orchestrator` in the published client; it also contains the text `orchestrator_and_executor`. */
  role: string;
}

/** Reads the metadata of a registration and drops unknown members. */
export const instanceMetadataSchema: z.ZodMiniType<InstanceMetadata> = z.object({
  harness: text,
  harness_version: text,
  role: text,
});

/** The body of `POST {base}/agent/register` (docs/protocol-instances.md section 2). A **secret**: it has the credential. */
export interface InstanceRegistrationRequest {
  /** **Secret.** */
  actor_auth: ActorAuth;
  /** The installation that registers. `installation_id` identifies it and is not a secret. */
  agent_host_auth: { type: 'installation_id'; installation_id: string };
  /** An OpenSSH line, `ssh-ed25519 …`. */
  public_key: string;
  metadata: InstanceMetadata;
}

/**
 * Reads the request and drops unknown members. `installation_id` is a UUID of any version, in lower case with hyphens.
 * Does not check the public key: use `readSshPublicKey`.
 */
export const instanceRegistrationRequestSchema: z.ZodMiniType<InstanceRegistrationRequest> = z.object({
  actor_auth: actorAuthSchema,
  agent_host_auth: z.object({
    type: z.literal('installation_id'),
    installation_id: z
      .string()
      .check(
        z.regex(
          /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
          'expected a UUID in lower case with hyphens',
        ),
      ),
  }),
  public_key: z.string(),
  metadata: instanceMetadataSchema,
});

/**
 * The actor that an instance acts for, as the server decided it (docs/protocol-instances.md section 3). A `chatgpt` actor
 * goes into the header `chatgpt-account-id` of every later request; a `platform` actor has no such header.
 */
export type InstanceActor =
  | { kind: 'chatgpt'; user_id: string; account_id: string }
  | { kind: 'platform'; user_id: string; organization_id: string; project_id: string | null };

/** Reads an actor and drops unknown members. A missing `project_id` means null. The ids may be empty. */
export const instanceActorSchema: z.ZodMiniType<InstanceActor> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('chatgpt'), user_id: z.string(), account_id: z.string() }),
  z.object({
    kind: z.literal('platform'),
    user_id: z.string(),
    organization_id: z.string(),
    project_id: z.pipe(
      z.nullish(z.string()),
      z.transform((projectId) => projectId ?? null),
    ),
  }),
]);

/** The response of `POST {base}/agent/register` (docs/protocol-instances.md section 3). */
export interface InstanceRegistrationResponse {
  runtime_agent_instance_id: string;
  /** The id that the server gave the installation. The published client requires it and never uses it. */
  agent_host_id: string;
  actor: InstanceActor;
}

/**
 * Reads the response and drops unknown members. Refuses an instance id so long that its assertions would have more than
 * 8192 characters.
 */
export const instanceRegistrationResponseSchema: z.ZodMiniType<InstanceRegistrationResponse> = z.object({
  runtime_agent_instance_id: z
    .string()
    .check(
      z.refine(isInstanceId, 'expected a non-empty Unicode string'),
      z.refine(fitsIntoAssertion, 'expected an id that fits into an assertion of 8192 characters'),
    ),
  agent_host_id: text,
  actor: instanceActorSchema,
});
