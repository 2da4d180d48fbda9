import { type PlanType, planTypeSchema } from 'agent-identity-core/wire';
import * as z from 'zod';
import { decodeUnverifiedJwtPayload } from './decode-unverified-jwt-payload.js';

/**
 * What an id token says about its account (docs/protocol.md section 9). The token is decoded and **not verified**: it comes
 * from the user's own store and tells what to ask for, never what to allow.
 */
export interface IdTokenClaims {
  readonly chatgptUserId: string | undefined;
  readonly accountId: string | undefined;
  readonly email: string | undefined;
  readonly planType: PlanType;
  readonly isFedramp: boolean;
}

/** Missing, null, blank and of the wrong type all mean that the token does not say it. */
const text = z
  .string()
  .transform((value) => (value.trim() === '' ? undefined : value))
  .optional()
  .catch(undefined);

/** An account id goes into a header: visible ASCII, or it is none. */
const headerText = z
  .string()
  .regex(/^[\x21-\x7e]+$/)
  .optional()
  .catch(undefined);

const payloadSchema = z.object({
  email: text,
  'https://api.openai.com/profile': z.object({ email: text }).optional().catch(undefined),
  'https://api.openai.com/auth': z
    .object({
      chatgpt_user_id: text,
      user_id: text,
      chatgpt_account_id: headerText,
      chatgpt_plan_type: planTypeSchema.catch('unknown'),
      chatgpt_account_is_fedramp: z.boolean().catch(false),
    })
    .optional()
    .catch(undefined),
});

/** Reads the claims of an id token without verifying it; `undefined` if it is not a JWT. */
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
