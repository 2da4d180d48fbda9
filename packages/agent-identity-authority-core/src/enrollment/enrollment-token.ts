import { createHash, randomBytes } from 'node:crypto';

/** An `Authorization` value with a token that only this authority gives out, so no other authenticator is asked about it. */
const bearerPattern = /^Bearer +(aie_[\w-]{43})$/i;

/** A new token. **Secret.** */
export function newEnrollmentToken(): string {
  return `aie_${randomBytes(32).toString('base64url')}`;
}

/** The enrollment token of an `Authorization` header, if it has one. **Secret.** */
export function readEnrollmentToken(authorization: string | undefined): string | undefined {
  return bearerPattern.exec(authorization ?? '')?.[1];
}

/** The digest that the store keeps in place of a token. */
export function digestEnrollmentToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
