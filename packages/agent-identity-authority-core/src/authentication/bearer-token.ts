import { isAgentIdentityError } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import { type OnFailure, toUnavailable } from '../to-unavailable.js';
import type { Authenticator } from './authenticator.js';

/**
 * Authenticates an `Authorization: Bearer` header (RFC 6750 section 2.1).
 *
 * @throws AgentIdentityError `invalid_access_token`; `insufficient_scope` if the token lacks the required role;
 * `authenticator_unavailable` if the authenticator cannot decide
 */
export async function authenticateBearer<Subject>(
  authorization: string | undefined,
  authenticator: Authenticator<Subject>,
  onFailure: OnFailure,
): Promise<Subject> {
  const accessToken = /^Bearer +([\w\-.~+/]+=*)$/i.exec(authorization ?? '')?.[1];
  const verdict =
    accessToken === undefined
      ? undefined
      : await toUnavailable(
          'authenticator_unavailable',
          () => authenticate(accessToken, authenticator),
          onFailure,
        );
  if (verdict === 'insufficient_scope') {
    throw authorityError('insufficient_scope', 'The access token does not have the required role.');
  }
  if (!verdict?.subject) throw authorityError('invalid_access_token', 'A valid access token is required.');
  return verdict.subject;
}

async function authenticate<Subject>(
  accessToken: string,
  authenticator: Authenticator<Subject>,
): Promise<{ readonly subject: Subject | undefined } | 'insufficient_scope'> {
  try {
    return { subject: await authenticator.authenticate(accessToken) };
  } catch (error) {
    if (isAgentIdentityError(error, 'insufficient_scope')) return 'insufficient_scope';
    throw error;
  }
}
