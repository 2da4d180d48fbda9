import { isHeaderSafe } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import * as z from 'zod';
import { decodeUnverifiedIdToken } from '../account/id-token-claims.js';

/** The members of `auth.json` that are read (docs/protocol.md section 9). All of it is secret. Others are kept, unread. */
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
}

export interface AuthTokens {
  readonly id_token: string;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly account_id?: string | null | undefined;
}

/** The value of a header. Other characters would be refused there, by an error that quotes them. */
const headerSafe: z.ZodType<string> = z.string().refine(isHeaderSafe, 'expected visible ASCII');

const tokensSchema = z.object({
  id_token: z.string().refine((token) => decodeUnverifiedIdToken(token) !== undefined, 'expected a JWT'),
  access_token: headerSafe,
  refresh_token: z.string(),
  account_id: z.union([headerSafe, z.literal('')]).nullish(),
});

/**
 * A record in the types that it is stored in. Whether it can be used is another question: one with a blank id or an
 * unusable key is replaced by the opt-in, and is not a reason to refuse the file.
 */
const storedRecordSchema = z.object({
  agent_runtime_id: z.string(),
  agent_private_key: z.string(),
  account_id: z.string(),
  chatgpt_user_id: z.string(),
  email: z
    .string()
    .nullish()
    .transform((email) => email ?? ''),
  plan_type: z.string(),
  chatgpt_account_is_fedramp: z.boolean(),
  task_id: z
    .string()
    .nullish()
    .transform((taskId) => taskId ?? undefined),
});

export const authJsonSchema: z.ZodType<AuthJson> = z.object({
  auth_mode: z.string().nullish(),
  OPENAI_API_KEY: z.string().nullish(),
  tokens: tokensSchema.nullish(),
  last_refresh: z.iso.datetime({ offset: true }).nullish(),
  agent_identity: z.union([z.string(), storedRecordSchema]).nullish(),
  personal_access_token: z.string().nullish(),
  bedrock_api_key: z.unknown().optional(),
}) as z.ZodType<AuthJson>;
