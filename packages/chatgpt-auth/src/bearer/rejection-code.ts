import * as z from 'zod';

/** The error codes after which a refresh token will never work again (docs/protocol.md section 9). */
const permanentCodes = [
  'refresh_token_expired',
  'refresh_token_reused',
  'refresh_token_invalidated',
  'invalid_grant',
] as const;

const code = z.enum(permanentCodes);

/** The forms in which the token endpoint has been seen to name its code. */
const bodySchema = z.union([
  z.object({ error: z.object({ code }) }).transform(({ error }) => error.code),
  z.object({ error: code }).transform(({ error }) => error),
  z.object({ code }).transform((body) => body.code),
]);

/** The permanent error code that an answer names in its JSON members, if it names one. */
export function rejectionCodeOf(text: string): (typeof permanentCodes)[number] | undefined {
  try {
    return bodySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
