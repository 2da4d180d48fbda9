import { isAgentIdentityError } from 'agent-identity-core';
import { invalidArgument, requireObject } from 'agent-identity-core/http';
import type { MaybePromise } from '../agent-directory.js';
import { describeError } from '../create-failure-reporter.js';
import { verificationError } from '../errors.js';
import { readBearerToken } from '../second-generation/bearer-check.js';
import { type BearerCaller, type Caller, createBearerCaller } from './caller.js';
import { requireCapability } from './require-capability.js';

type ReadHeader = (name: string) => string | undefined;

/** Whether a request has a bearer token and no assertion: an assertion beside a bearer token is for the verifier. */
export function hasBearerOnly(readHeader: ReadHeader): boolean {
  return (
    /^bearer(?: |$)/i.test(readHeader('authorization') ?? '') &&
    readHeader('x-openai-agent-assertion') === undefined
  );
}

/** How bearer tokens are judged. */
export interface BearerRules {
  /** The option, which `getCaller` compares. */
  readonly orBearer: unknown;
  readonly capability: string | undefined;
  readonly authorize: unknown;
}

/**
 * Judges the bearer token of a request.
 *
 * @param ask Calls `orBearer` with the token.
 * @throws AgentIdentityError `invalid_bearer`, `bearer_check_unavailable`, `capability_missing`, `request_not_allowed`;
 * `invalid_argument` for a caller of another shape
 */
export async function judgeBearer<Bearer extends BearerCaller>(
  readHeader: ReadHeader,
  ask: (token: string) => MaybePromise<Bearer | null | undefined>,
  { orBearer, capability, authorize }: BearerRules,
): Promise<Caller<never, Bearer>> {
  const bearer = await callOrBearer(readBearerToken(readHeader('authorization')), ask);
  if (bearer === undefined || bearer === null) {
    throw verificationError('invalid_bearer', 'orBearer refused the bearer token');
  }
  requireObject(bearer, 'orBearer()');
  const { capabilities } = bearer;
  if (capabilities !== undefined && !Array.isArray(capabilities)) {
    throw invalidArgument('orBearer().capabilities', 'a list of capabilities', capabilities);
  }
  if (capability !== undefined) requireCapability(bearer, capability, 'caller');
  if (authorize === undefined) return createBearerCaller(bearer, orBearer);
  throw verificationError(
    'request_not_allowed',
    'authorize judges agents, and the caller has a bearer token',
  );
}

/** Keeps the cause only if it belongs to this family: another error may contain the token. */
async function callOrBearer<Bearer>(
  token: string,
  ask: (token: string) => MaybePromise<Bearer>,
): Promise<Bearer> {
  try {
    return await ask(token);
  } catch (error) {
    throw verificationError('bearer_check_unavailable', `orBearer failed: ${describeError(error)}`, {
      retryable: true,
      ...(isAgentIdentityError(error) && { cause: error }),
    });
  }
}
