import { describeType } from 'agent-identity-core';
import { decodeUnverifiedJwtPayload, isHeaderSafe } from 'agent-identity-core/http';
import { type AgentIdentityRecord, explainSchemaError } from 'agent-identity-core/wire';
import * as z from 'zod/mini';
import { decodeUnverifiedIdToken } from '../account/id-token-claims.js';

/**
 * The members of `auth.json` that are read (docs/protocol.md section 9). All of it is secret. Other members are kept and
 * not read.
 */
export interface AuthJson {
  readonly auth_mode?: string | null | undefined;
  readonly OPENAI_API_KEY?: string | null | undefined;
  readonly tokens?: AuthTokens | null | undefined;
  /** RFC 3339. */
  readonly last_refresh?: string | null | undefined;
  /** A JWT, or a record. */
  readonly agent_identity?: string | AgentIdentityRecord | null | undefined;
  readonly personal_access_token?: string | null | undefined;
  readonly bedrock_api_key?: unknown;
  /** **Ours**: see `rememberTerminalState`. */
  readonly agent_identity_terminal?: unknown;
}

export interface AuthTokens {
  readonly id_token: string;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly account_id?: string | null | undefined;
}

const headerValueMessage = 'expected visible ASCII characters without spaces';

/** A string that is sent in a header. `fetch` would refuse other characters with an error that quotes them. */
const headerValue = z.string().check(z.refine(isHeaderSafe, headerValueMessage));

/** Such a string, or none. */
const optionalHeaderValue = z.nullish(
  z.string().check(z.refine((value) => value === '' || isHeaderSafe(value), headerValueMessage)),
);

const tokensSchema = z.object({
  id_token: z
    .string()
    .check(z.refine((token) => decodeUnverifiedIdToken(token) !== undefined, 'expected a JWT')),
  access_token: headerValue,
  refresh_token: z.string(),
  account_id: optionalHeaderValue,
});

/**
 * A record with the types in which it is stored. A blank id or an unusable key does not make the file unreadable: the opt-in
 * replaces such a record.
 */
const recordSchema = z.object({
  agent_runtime_id: z.string(),
  agent_private_key: z.string(),
  account_id: z.string(),
  chatgpt_user_id: z.string(),
  email: z.nullish(z.string()),
  plan_type: z.string(),
  chatgpt_account_is_fedramp: z.boolean(),
  task_id: z.nullish(z.string()),
});

const timestampSchema = z.iso.datetime({ offset: true });

const authJsonSchema = z.object({
  auth_mode: z.nullish(z.string()),
  OPENAI_API_KEY: optionalHeaderValue,
  tokens: z.nullish(tokensSchema),
  last_refresh: z.nullish(
    z
      .string()
      .check(z.refine((time) => timestampSchema.safeParse(time).success, 'expected an RFC 3339 time')),
  ),
  agent_identity: z.optional(z.unknown()),
  personal_access_token: optionalHeaderValue,
  bedrock_api_key: z.optional(z.unknown()),
  agent_identity_terminal: z.optional(z.unknown()),
});

/** What is wrong with a document, such as `agent_identity.plan_type: expected a string, got nothing`. */
export interface SchemaFlaw {
  readonly flaw: string;
}

/** Checks the members that are read. A JWT may have the line end of the file that it was copied from. */
export function checkAuthJson(document: object): AuthJson | SchemaFlaw {
  const result = authJsonSchema.safeParse(document);
  if (!result.success) return { flaw: explainSchemaError(result.error, document) };
  const { agent_identity: identity, ...members } = result.data;
  if (identity === undefined || identity === null) return members;
  if (typeof identity === 'string') return { ...members, agent_identity: identity.trim() };
  if (typeof identity !== 'object' || Array.isArray(identity)) {
    return { flaw: `agent_identity: expected a JWT or a record, got ${describeType(identity)}` };
  }
  const record = recordSchema.safeParse(identity);
  if (!record.success) return { flaw: explainSchemaError(record.error, identity, 'agent_identity') };
  const { email, task_id: taskId } = record.data;
  // Keeps the order of the members.
  const read = { ...record.data, email: email ?? '', task_id: taskId ?? undefined };
  return { ...members, agent_identity: read };
}

/** What is wrong with a string in place of an Agent Identity JWT; `undefined` if it is one. It is not verified. */
export function findJwtFlaw(jwt: string): string | undefined {
  if (decodeUnverifiedJwtPayload(jwt) !== undefined) return undefined;
  return `agent_identity: expected a JWT or a record, got ${describeType(jwt)} that is not a JWT`;
}
