import type { MaybePromise } from '../agent-directory.js';
import type { VerifiedAgent } from '../verified-agent.js';
import type { BearerCaller } from './caller.js';
import type { Decision } from './decision.js';

/** Options that every middleware has. `Request` is the framework's request, `Rest` what the framework passes beside it. */
export interface MiddlewareOptions<
  Request,
  Rest extends readonly unknown[] = [],
  Agent extends VerifiedAgent = VerifiedAgent,
> {
  /**
   * Called with the error of each refused request, for logs and metrics: the response to the client says less about an
   * unknown runtime or a failing directory. Exceptions are ignored. Default: a process warning for requests that failed
   * with a 500 or a failing `orBearer`, at most once a minute, where the runtime has process warnings.
   */
  readonly onRefusal?: ((error: unknown, request: Request) => void) | undefined;
  /**
   * Called once for each request that the middleware lets through or refuses, for a log or metrics. Nothing in a decision is
   * secret. Exceptions are ignored. Default: none.
   */
  readonly onDecision?: ((decision: Decision, request: Request) => void) | undefined;
  /** Lets only agents with this capability through; others get 403 `capability_missing`. */
  readonly capability?: string | undefined;
  /**
   * Decides whether a verified agent may send the request: anything but `true`, or a promise of it, is 403
   * `request_not_allowed`, and an exception is a 500. Asked after `capability`.
   */
  readonly authorize?:
    | ((agent: Agent, request: Request, ...rest: Rest) => boolean | Promise<boolean>)
    | undefined;
  /** Returns where a request came from, for the replay limiter. Default: see the middleware. */
  readonly clientAddress?: ((request: Request, ...rest: Rest) => string | undefined) | undefined;
}

/** Options of a middleware that, for the time of a move, also accepts bearer tokens. */
export interface OrBearerOptions<
  Request,
  Rest extends readonly unknown[] = [],
  Bearer extends BearerCaller = BearerCaller,
> {
  /**
   * Judges the bearer token of a request that has no assertion: `Authorization` has the scheme Bearer, and there is no
   * `x-openai-agent-assertion`. A refused assertion never gets here. Return the caller as an object; return `undefined` or
   * null for a token that is not valid (401 `invalid_bearer`); throw or reject if you cannot tell (503
   * `bearer_check_unavailable`).
   *
   * `capability` lets such a caller through only if its member `capabilities` lists it. `authorize` judges agents: with it, no
   * bearer token gets through (403 `request_not_allowed`).
   *
   * @param token **Secret.** Of the form of RFC 6750 section 2.1; others are refused before.
   */
  readonly orBearer?:
    | ((token: string, request: Request, ...rest: Rest) => MaybePromise<Bearer | null | undefined>)
    | undefined;
}

/** The names of the members of `MiddlewareOptions`. */
export const middlewareOptionNames: readonly string[] = [
  'capability',
  'authorize',
  'onRefusal',
  'onDecision',
  'clientAddress',
];
