import { describeType } from 'agent-identity-core';
import { decodeUnverifiedJwtPayload, isHeaderSafe } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import * as z from 'zod';
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

/** A string that is sent in a header. `fetch` would refuse other characters with an error that quotes them. */
const headerValue = z.string().refine(isHeaderSafe, expected('visible ASCII characters without spaces'));

/** Such a string, or none. */
const optionalHeaderValue = z
  .string()
  .refine((value) => value === '' || isHeaderSafe(value), expected('visible ASCII characters without spaces'))
  .nullish();

const tokensSchema = z.object({
  id_token: z.string().refine((token) => decodeUnverifiedIdToken(token) !== undefined, expected('a JWT')),
  access_token: headerValue,
  refresh_token: z.string(),
  account_id: optionalHeaderValue,
});

/**
 * A record in the types that it is stored in. A blank id or an unusable key is no reason to refuse the file: the opt-in
 * replaces such a record.
 */
const recordSchema = z.object({
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

const authJsonSchema = z.object({
  auth_mode: z.string().nullish(),
  OPENAI_API_KEY: optionalHeaderValue,
  tokens: tokensSchema.nullish(),
  last_refresh: z.iso.datetime({ offset: true, ...expected('an RFC 3339 time') }).nullish(),
  agent_identity: z.unknown().optional(),
  personal_access_token: optionalHeaderValue,
  bedrock_api_key: z.unknown().optional(),
  agent_identity_terminal: z.unknown().optional(),
});

/** What is wrong with a document, such as `agent_identity.plan_type: expected a string, got nothing`. */
export interface SchemaFlaw {
  readonly flaw: string;
}

/** Checks the members that are read. A JWT may have the line end of the file that it was copied from. */
export function checkAuthJson(document: object): AuthJson | SchemaFlaw {
  const result = authJsonSchema.safeParse(document, { error: explainIssue });
  if (!result.success) return toFlaw(result.error, []);
  const { agent_identity: identity, ...members } = result.data;
  if (identity === undefined || identity === null) return members;
  if (typeof identity === 'string') return { ...members, agent_identity: identity.trim() };
  if (typeof identity !== 'object' || Array.isArray(identity)) {
    return { flaw: `agent_identity: ${formatExpectation('a JWT or a record', identity)}` };
  }
  const record = recordSchema.safeParse(identity, { error: explainIssue });
  if (!record.success) return toFlaw(record.error, ['agent_identity']);
  return { ...members, agent_identity: record.data };
}

/** What is wrong with a string in place of an Agent Identity JWT; `undefined` if it is one. It is not verified. */
export function findJwtFlaw(jwt: string): string | undefined {
  if (decodeUnverifiedJwtPayload(jwt) !== undefined) return undefined;
  return `agent_identity: ${formatExpectation('a JWT or a record', jwt)} that is not a JWT`;
}

function toFlaw(error: z.ZodError, path: readonly PropertyKey[]): SchemaFlaw {
  const [issue] = error.issues;
  return { flaw: `${[...path, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'not valid'}` };
}

function expected(what: string): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => formatExpectation(what, input) };
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'a boolean',
  object: 'an object',
};

function explainIssue(issue: z.core.$ZodRawIssue): string | undefined {
  const typeName = issue.code === 'invalid_type' ? typeNames[issue.expected] : undefined;
  return typeName === undefined ? undefined : formatExpectation(typeName, issue.input);
}

function formatExpectation(what: string, value: unknown): string {
  return `expected ${what}, got ${describeValue(value)}`;
}

/** Names the kind of a value and, for a string, the invisible characters that usually come from a file. */
function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value !== 'string') return describeType(value);
  if (value.startsWith('\uFEFF')) return 'a string that begins with a byte order mark (BOM)';
  const lineEnd = /\r?\n/.exec(value)?.[0];
  if (lineEnd === undefined) return describeType(value);
  const name = lineEnd === '\n' ? 'LF' : 'CRLF';
  return value.endsWith('\n')
    ? `a string that ends with a line end (${name})`
    : `a string with a line end inside (${name})`;
}
