import { createHash } from 'node:crypto';
import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import type { AgentActor } from 'agent-identity-verifier';
import { authorityError } from '../errors.js';
import type { ActorAuthenticator, ActorSelection } from './actor-authenticator.js';

/** A credential as its digest, and its actor. Nothing in it is secret if the credential is random. */
export interface CredentialDigest {
  /** SHA-256 of the credential, in lower-case hex. */
  readonly sha256: string;
  readonly actor: AgentActor;
  /** Whether the account is active. Default: true; `false` answers 403, on which clients give up. */
  readonly active?: boolean | undefined;
}

/**
 * Accepts a fixed list of API keys or personal access tokens, of which it keeps only digests. For keys from a random source
 * only: the digest of a guessable key can be reversed.
 *
 * A credential for several organizations or projects has one entry for each; the selection of the client decides, and the
 * first entry without one.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { credentialDigests } from 'agent-identity-authority-core';
 *
 * const platformApiKey = credentialDigests([
 *   {
 *     // printf %s "$KEY" | sha256sum
 *     sha256: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
 *     actor: { kind: 'platform', userId: 'user-1', organizationId: 'org-1', projectId: null },
 *   },
 * ]);
 * ```
 */
export function credentialDigests(entries: readonly CredentialDigest[]): ActorAuthenticator {
  if (!Array.isArray(entries)) throw invalidArgument('entries', 'a list', entries);
  const byDigest = new Map<string, CredentialDigest[]>();
  for (const [i, entry] of entries.entries()) {
    requireKnownOptions(entry, ['sha256', 'actor', 'active'], `entries[${i}]`);
    const { sha256, actor, active = true } = entry;
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
      throw invalidArgument(`entries[${i}].sha256`, '64 hexadecimal digits in lower case', sha256);
    }
    if (actor?.kind !== 'chatgpt' && actor?.kind !== 'platform') {
      throw invalidArgument(`entries[${i}].actor.kind`, '"chatgpt" or "platform"', actor);
    }
    if (typeof active !== 'boolean') throw invalidArgument(`entries[${i}].active`, 'a boolean', active);
    byDigest.set(sha256, [...(byDigest.get(sha256) ?? []), { sha256, actor: { ...actor }, active }]);
  }
  return {
    authenticate(credential, selection) {
      // The digest of a secret: how long the look-up takes reveals nothing of the secret.
      const found = byDigest.get(createHash('sha256').update(credential).digest('hex')) ?? [];
      const entry = found.find(({ actor }) => isIn(actor, selection)) ?? found[0];
      if (entry?.active === false) {
        throw authorityError('runtime_actor_source_inactive', 'The account of the credential is not active.');
      }
      return entry?.actor;
    },
  };
}

function isIn(actor: AgentActor, { organizationId, projectId }: ActorSelection): boolean {
  if (organizationId === undefined && projectId === undefined) return true;
  return (
    actor.kind === 'platform' &&
    (organizationId === undefined || actor.organizationId === organizationId) &&
    (projectId === undefined || actor.projectId === projectId)
  );
}
