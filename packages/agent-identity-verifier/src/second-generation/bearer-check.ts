import { isAgentIdentityError } from 'agent-identity-core';
import { requireAgentActor } from '../agent-actor.js';
import type { AgentActor, MaybePromise } from '../agent-directory.js';
import type { AssertionContext } from '../assertion-verifier.js';
import { verificationError } from '../errors.js';

/** The facts of a request that decide whose bearer token it is. Values that clients can choose freely are marked. */
export interface BearerContext {
  /** The `ChatGPT-Account-ID` header, which the client chose. It is the account of the instance's actor, or absent. */
  readonly accountId: string | undefined;
  /** The `OpenAI-Organization` header, which the client chose. */
  readonly organizationId: string | undefined;
  /** The `OpenAI-Project` header, which the client chose. */
  readonly projectId: string | undefined;
  /** Where the request came from. */
  readonly clientAddress: string | undefined;
}

/**
 * Returns the actor that a bearer token belongs to: a ChatGPT access token, an API key or a personal access token. Called only
 * for genuine assertions of active instances. The verifier compares the actor with the one of the instance.
 *
 * - Return `undefined` or null for a token that is not valid, such as an expired one. The client gets a 401, which makes
 *   it refresh the token.
 * - Throw or reject if you cannot tell. The client gets a 503 and tries again.
 *
 * @param token **Secret.**
 */
export type VerifyBearer = (
  token: string,
  context: BearerContext,
) => MaybePromise<AgentActor | null | undefined>;

/** Finds the actor of the bearer token of a request. */
export type BearerCheck = (header: string | undefined, context: AssertionContext) => Promise<AgentActor>;

/**
 * Creates the check of the `Authorization` header beside an assertion.
 *
 * @throws AgentIdentityError The check rejects with `invalid_bearer`, `bearer_check_unavailable`, and `invalid_argument`
 * for an actor of another shape.
 */
export function createBearerCheck(verifyBearer: VerifyBearer, report: (error: unknown) => void): BearerCheck {
  return async (header, context) => {
    const actor = await callVerifyBearer(verifyBearer, readBearerToken(header), context, report);
    if (actor === undefined || actor === null) {
      throw verificationError('invalid_bearer', 'verifyBearer refused the bearer token');
    }
    requireAgentActor(actor, 'verifyBearer()');
    return actor;
  };
}

/**
 * Reads the token of an `Authorization` header (RFC 6750 section 2.1). Two headers, joined by a comma, do not have this form.
 *
 * @returns **Secret.**
 * @throws AgentIdentityError `invalid_bearer`
 */
export function readBearerToken(header: string | undefined): string {
  const token = /^Bearer +([\w\-.~+/]+=*)$/i.exec(header ?? '')?.[1];
  if (token !== undefined) return token;
  const got = header === undefined ? 'none' : 'an Authorization header of another form';
  throw verificationError('invalid_bearer', `expected a bearer token, got ${got}`);
}

async function callVerifyBearer(
  verifyBearer: VerifyBearer,
  token: string,
  { accountId, organizationId, projectId, clientAddress }: AssertionContext,
  report: (error: unknown) => void,
): Promise<AgentActor | null | undefined> {
  try {
    return await verifyBearer(token, {
      accountId: accountId ?? undefined,
      organizationId: organizationId ?? undefined,
      projectId: projectId ?? undefined,
      clientAddress,
    });
  } catch (error) {
    report(error);
    throw verificationError('bearer_check_unavailable', 'verifyBearer failed; try again', {
      retryable: true,
      ...(isAgentIdentityError(error) && { cause: error }),
    });
  }
}
