import { authorityError } from '../errors.js';
import { type OnFailure, toUnavailable } from '../to-unavailable.js';
import type { Authenticator } from './authenticator.js';

/**
 * Authenticates an `Authorization: Bearer` header (RFC 6750 section 2.1).
 *
 * @throws AgentIdentityError `invalid_access_token`; `authenticator_unavailable` if the authenticator cannot decide
 */
export async function authenticateBearer<Subject>(
  authorization: string | undefined,
  authenticator: Authenticator<Subject>,
  onFailure: OnFailure,
): Promise<Subject> {
  const accessToken = /^Bearer +([\w\-.~+/]+=*)$/i.exec(authorization ?? '')?.[1];
  const subject =
    accessToken === undefined
      ? undefined
      : await toUnavailable(
          'authenticator_unavailable',
          () => authenticator.authenticate(accessToken),
          onFailure,
        );
  if (!subject) throw authorityError('invalid_access_token', 'A valid access token is required.');
  return subject;
}
