import type { MaybePromise } from '../agent-directory.js';
import { verificationError } from '../errors.js';
import type { VerifiedAgent } from '../verified-agent.js';

/** Who a bearer token belongs to, as `orBearer` returned it: an object of the service. */
export type BearerCaller = object & {
  /** What the caller may do, for the option `capability`. Default: nothing. */
  readonly capabilities?: readonly string[] | undefined;
};

/** Who sent a request that `requireAgent` with `orBearer` let through. `by` tells by what it was accepted. */
export type Caller<Agent extends VerifiedAgent = VerifiedAgent, Bearer extends BearerCaller = BearerCaller> =
  | { readonly by: 'assertion'; readonly agent: Agent; readonly bearer?: undefined }
  | { readonly by: 'bearer'; readonly bearer: Bearer; readonly agent?: undefined };

/** The function that judged each bearer token that was accepted. */
const judges = new WeakMap<object, unknown>();

/** Creates the caller that `orBearer` returned. */
export function createBearerCaller<Bearer extends BearerCaller>(
  bearer: Bearer,
  orBearer: unknown,
): Caller<never, Bearer> {
  const caller = { by: 'bearer', bearer } as const;
  judges.set(caller, orBearer);
  return caller;
}

/**
 * Returns who sent a request that `requireAgent` let through: an agent or, with the option `orBearer`, the holder of a bearer
 * token. `getVerifiedAgent` throws for the latter.
 *
 * @param orBearer The function that the middleware has as its option `orBearer`: gives `bearer` its type. Default: any.
 * @throws AgentIdentityError `invalid_argument` if `requireAgent` did not run, or if another function judged the token
 * @example
 * ```ts
 * import { getCaller } from 'agent-identity-verifier/express';
 *
 * declare const verifyBearer: (token: string) => Promise<{ userId: string } | undefined>;
 *
 * function readName(request: Parameters<typeof getCaller>[0]): string {
 *   const { agent, bearer } = getCaller(request, verifyBearer);
 *   return agent ? `agent of ${agent.accountId}` : bearer.userId;
 * }
 * ```
 */
export function getCaller<Bearer extends BearerCaller = BearerCaller>(
  request: {
    readonly agent?: VerifiedAgent | null | undefined;
    readonly caller?: Caller | null | undefined;
  },
  orBearer?: (token: string, ...rest: never) => MaybePromise<Bearer | null | undefined>,
): Caller<VerifiedAgent, Bearer> {
  const { agent, caller } = request ?? {};
  if (agent) return { by: 'assertion', agent };
  if (!caller?.bearer) {
    throw verificationError('invalid_argument', 'request: expected a request that requireAgent let through');
  }
  if (orBearer !== undefined && judges.get(caller) !== orBearer) {
    throw verificationError(
      'invalid_argument',
      'orBearer: expected the function that judged the bearer token',
    );
  }
  return caller as Caller<never, Bearer>;
}
