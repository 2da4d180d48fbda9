import { decodeUnverifiedJwtPayload, isHeaderSafe } from 'agent-identity-core/http';
import * as z from 'zod/mini';

/**
 * The account in an id token (docs/protocol.md section 9). The token is decoded and **not verified**: it comes from the
 * user's own store, and it selects what is requested, never what is allowed.
 */
export interface IdTokenClaims {
  readonly chatgptUserId: string | undefined;
  readonly accountId: string | undefined;
  readonly email: string | undefined;
  /** As in the token, including unknown plans; `unknown` if the token has none. */
  readonly planType: string;
  readonly isFedramp: boolean;
}

/** A claim that is missing, null, blank or of the wrong type says nothing. */
const text = orNothing(z.string().check(z.refine((value) => value.trim() !== '')));

const payloadSchema = z.object({
  email: text,
  'https://api.openai.com/profile': orNothing(z.object({ email: text })),
  'https://api.openai.com/auth': orNothing(
    z.object({
      chatgpt_user_id: text,
      user_id: text,
      chatgpt_account_id: orNothing(z.string().check(z.refine(isHeaderSafe))),
      chatgpt_plan_type: text,
      chatgpt_account_is_fedramp: z.catch(z.boolean(), false),
    }),
  ),
});

function orNothing<Schema extends z.ZodMiniType>(schema: Schema): z.ZodMiniCatch<z.ZodMiniOptional<Schema>> {
  return z.catch(z.optional(schema), undefined);
}

/**
 * Reads the claims of an id token **without verifying it**.
 *
 * @returns `undefined` if it is not a JWT
 * @example
 * ```ts
 * import { decodeUnverifiedIdToken } from 'chatgpt-auth';
 *
 * const accountOf = (idToken: string) => decodeUnverifiedIdToken(idToken)?.accountId;
 * ```
 */
export function decodeUnverifiedIdToken(idToken: string): IdTokenClaims | undefined {
  const payload = decodeUnverifiedJwtPayload(idToken);
  if (payload === undefined) return undefined;
  const claims = payloadSchema.parse(payload);
  const auth = claims['https://api.openai.com/auth'];
  return {
    chatgptUserId: auth?.chatgpt_user_id ?? auth?.user_id,
    accountId: auth?.chatgpt_account_id,
    email: claims.email ?? claims['https://api.openai.com/profile']?.email,
    planType: auth?.chatgpt_plan_type ?? 'unknown',
    isFedramp: auth?.chatgpt_account_is_fedramp ?? false,
  };
}
