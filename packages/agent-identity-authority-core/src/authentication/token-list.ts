import { createHash, timingSafeEqual } from 'node:crypto';
import { describeType } from 'agent-identity-core';
import { invalidArgument } from 'agent-identity-core/http';
import { authorityError } from '../errors.js';
import type { Authenticator } from './authenticator.js';

/** A bearer token, or its digest, and its subject. */
export interface TokenListEntry<Subject> {
  /** **Secret.** */
  readonly token?: string | undefined;
  /** SHA-256 in hex. */
  readonly sha256?: string | undefined;
  readonly subject: Subject;
}

/** @throws AgentIdentityError `invalid_argument` */
export function requireTokens(tokens: unknown): void {
  if (!Array.isArray(tokens)) throw invalidArgument('tokens', 'a list', tokens);
}

/**
 * Accepts a fixed list of bearer tokens, kept as digests.
 *
 * @throws AgentIdentityError `invalid_argument` for a short or repeated token
 */
export function createTokenList<Subject>(
  entries: readonly TokenListEntry<Subject>[],
  { minLength }: { readonly minLength: number },
): Authenticator<Subject> {
  const digests = entries.map(({ token, sha256: hex, subject }, i) => {
    if (hex !== undefined) return { digest: requireDigest(hex, token, `tokens[${i}]`), subject };
    if (typeof token !== 'string' || token.length < minLength) {
      throw authorityError(
        'invalid_argument',
        `tokens[${i}].token: expected at least ${minLength} characters, got ${describeType(token)}`,
      );
    }
    return { digest: sha256(token), subject };
  });
  if (new Set(digests.map(({ digest }) => digest.toString('hex'))).size < digests.length) {
    throw authorityError('invalid_argument', 'tokens: expected each token only once');
  }
  return {
    authenticate(accessToken) {
      const digest = sha256(accessToken);
      // Compares all entries, so that the time does not reveal which one matches.
      return digests.filter((entry) => timingSafeEqual(entry.digest, digest))[0]?.subject;
    },
  };
}

function requireDigest(hex: unknown, token: unknown, name: string): Buffer {
  if (token !== undefined) throw invalidArgument(`${name}.token`, 'none beside sha256', token);
  if (typeof hex !== 'string' || !/^[\da-f]{64}$/.test(hex)) {
    throw invalidArgument(`${name}.sha256`, 'a SHA-256 in hex', hex);
  }
  return Buffer.from(hex, 'hex');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
